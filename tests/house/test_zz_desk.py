import tests.house.test_matrix as t
from tests.house.test_matrix import world  # noqa
from tests.evaluations.world import ABOUT
def test_desk(world, monkeypatch):
    monkeypatch.setattr(t, "EVERYBODY", ["anonymous","clerk","approver","leader","community","inspector","operator","evaluator"])
    routes = [r for r in sorted(t.MATRIX) if r.startswith(ABOUT) or r in ("desk:indicators","public:evaluations")]
    found = []
    for r in routes:
        try:
            found += t.surprises(world, r, ["GET","POST"])
        except Exception as e:
            import traceback
            found.append(f"{r}: {e!r} {traceback.format_exc()[-300:]}")
    print("\n".join(found))
    assert found == []
