"""The officials' pages of the ground; mounted under /desk/ by the roof."""

from django.urls import path

from .views import jobs, users
from .views import publications as gate

urlpatterns = [
    path("disclosure/", gate.disclosure, name="disclosure"),
    path("disclosure/log/", gate.disclosure_log, name="disclosure_log"),
    path("disclosure/<uuid:id>/", gate.publication, name="publication"),
    path("disclosure/<uuid:id>/publish/", gate.publish, name="publication_publish"),
    path("disclosure/<uuid:id>/hand-back/", gate.hand_back, name="publication_hand_back"),
    path("disclosure/<uuid:id>/withdraw/", gate.withdraw, name="publication_withdraw"),
    path("disclosure/<uuid:id>/revise/", gate.revise, name="publication_revise"),
    path(
        "disclosure/<uuid:id>/findings/<str:finding>/",
        gate.put_aside,
        name="publication_put_aside",
    ),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:id>/file/", jobs.job_file, name="job_file"),
    path("jobs/<uuid:id>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<uuid:id>/retry/", jobs.job_retry, name="job_retry"),
    path("users/", users.people, name="users"),
    path("users/invite/", users.invite, name="user_invite"),
    path("users/operator-code/", users.operator_code, name="operator_code"),
    path("users/changes/<uuid:id>/", users.change, name="account_change"),
    path("users/changes/<uuid:id>/grant/", users.change_grant, name="account_change_grant"),
    path("users/changes/<uuid:id>/refuse/", users.change_refuse, name="account_change_refuse"),
    path(
        "users/changes/<uuid:id>/withdraw/", users.change_withdraw, name="account_change_withdraw"
    ),
    path("users/<uuid:id>/", users.person, name="user"),
    path("users/<uuid:id>/invite/", users.invite_again, name="user_invite_again"),
    path("users/<uuid:id>/role/", users.role_new, name="user_role"),
    path("users/<uuid:id>/role/<uuid:assignment>/", users.role_end, name="user_role_end"),
    path("users/<uuid:id>/deputy/", users.deputy_new, name="user_deputy"),
    path("users/<uuid:id>/deputy/<uuid:assignment>/end/", users.deputy_end, name="user_deputy_end"),
    path("users/<uuid:id>/code/", users.recovery, name="user_recovery"),
    path("users/<uuid:id>/left/", users.left, name="user_left"),
    path("exports/<slug:name>/", jobs.export, name="export"),
]
