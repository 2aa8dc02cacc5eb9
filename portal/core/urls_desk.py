"""The officials' pages of the ground; mounted under /desk/ by the roof."""

from django.urls import path

from .views import administration as admin
from .views import holidays, jobs, law, trail, users
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
    path("settings/", admin.settings_page, name="settings"),
    path("numbering/", admin.numbering, name="numbering"),
    path("system/", admin.system, name="system"),
    path("messages/sent/", admin.sent, name="sent"),
    path("backups/", admin.backups, name="backups"),
    path("backups/now/", admin.backup_now, name="backup_now"),
    path("backups/<uuid:id>/drill/", admin.backup_drill, name="backup_drill"),
    path("backups/drills/<uuid:id>/", admin.backup_report, name="backup_report"),
    path("holidays/", holidays.holiday_year, name="holidays"),
    path("holidays/new/", holidays.holiday_new, name="holiday_new"),
    path("holidays/import/", holidays.holiday_import, name="holiday_import"),
    path("holidays/confirm/", holidays.holiday_confirm, name="holiday_confirm"),
    path("holidays/<str:day>/", holidays.holiday_day, name="holiday"),
    path("holidays/<str:day>/remove/", holidays.holiday_remove, name="holiday_remove"),
    path("regulation/", law.packs, name="regulation"),
    path("regulation/proposals/<uuid:id>/", law.pack_proposal, name="pack_proposal"),
    path("regulation/proposals/<uuid:id>/publish/", law.pack_publish, name="pack_publish"),
    path("regulation/proposals/<uuid:id>/decline/", law.pack_decline, name="pack_decline"),
    path("regulation/proposals/<uuid:id>/withdraw/", law.pack_withdraw, name="pack_withdraw"),
    path("regulation/<slug:key>/", law.pack, name="pack"),
    path("regulation/<slug:key>/pack.yaml", law.pack_file, name="pack_file"),
    path("regulation/<slug:key>/new/", law.pack_new, name="pack_new"),
    path("regulation/<slug:key>/check/", law.figure_check, name="figure_check"),
    path("audit/", trail.trail, name="audit"),
    path("exports/<slug:name>/", jobs.export, name="export"),
]
