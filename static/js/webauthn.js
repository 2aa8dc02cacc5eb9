// A security key or passkey as the second factor: the browser asks the key, the form carries its
// answer. Without JavaScript or without support the button stays hidden and the code is asked for.

const toBytes = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
};
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function add(publicKey) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
    },
  });
  return answer(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

async function ask(publicKey) {
  const found = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
  });
  const holder = found.response.userHandle;
  return answer(found, {
    authenticatorData: toText(found.response.authenticatorData),
    signature: toText(found.response.signature),
    userHandle: holder ? toText(holder) : null,
  });
}

function answer(credential, response) {
  return {
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

for (const form of document.querySelectorAll("form[data-webauthn]")) {
  const button = form.querySelector("button");
  const fault = form.querySelector("[data-fault]");
  if (!window.PublicKeyCredential) continue;
  for (const part of document.querySelectorAll("[data-webauthn-only]")) part.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    const options = JSON.parse(document.getElementById("webauthn-options").textContent);
    try {
      const made = options.creation_options
        ? await add(options.creation_options.publicKey)
        : await ask(options.request_options.publicKey);
      form.querySelector("[name=credential]").value = JSON.stringify(made);
      form.submit();
    } catch {
      fault.hidden = false;
    }
  });
}
