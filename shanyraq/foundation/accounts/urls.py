from django.urls import path

from shanyraq.foundation.accounts import views_account, views_sign_in

urlpatterns = [
    path("sign-in/", views_sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/second/", views_sign_in.SecondFactor.as_view(), name="second_factor"),
    path("sign-in/egov/", views_sign_in.EgovStart.as_view(), name="egov_start"),
    path("sign-in/egov/return/", views_sign_in.EgovReturn.as_view(), name="egov_return"),
    path("sign-out/", views_sign_in.SignOut.as_view(), name="sign_out"),
    path("demo/", views_sign_in.Demo.as_view(), name="demo"),
    path("demo/egov/", views_sign_in.FakeEgov.as_view(), name="fake_egov"),
    path("account/", views_account.Account.as_view(), name="account"),
    path("account/password/", views_account.ChangePassword.as_view(), name="account_password"),
    path("account/second-factor/", views_account.SetUpSecondFactor.as_view(), name="account_second"),
    path("account/sessions/end/", views_account.EndSessions.as_view(), name="account_sessions_end"),
]
