"""Addresses of the family's pages, under /family/."""

from django.urls import path

from shanyraq.domains.placement.web.views_family import application, apply, child, home, offer, swap, voucher, wishes

app_name = "family"
DRAFT, APPLICATION = "drafts/<uuid:application>/", "applications/<uuid:application>/"
OFFER, SWAP = "offers/<uuid:offer>/", "swaps/<uuid:swap>/"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("apply/", apply.ChooseChild.as_view(), name="apply"),
    path(DRAFT, apply.Continue.as_view(), name="draft"),
    path(f"{DRAFT}right/", apply.ChooseRight.as_view(), name="draft_right"),
    path(f"{DRAFT}group/", apply.ChooseGroup.as_view(), name="draft_group"),
    path(f"{DRAFT}papers/", apply.NamePapers.as_view(), name="draft_papers"),
    path(f"{DRAFT}kindergartens/", apply.ChooseKindergartens.as_view(), name="draft_kindergartens"),
    path(f"{DRAFT}more/", apply.AskMore.as_view(), name="draft_more"),
    path(f"{DRAFT}check/", apply.CheckAndSign.as_view(), name="draft_check"),
    path(f"{DRAFT}discard/", apply.Discard.as_view(), name="discard"),
    path(APPLICATION, application.Application.as_view(), name="application"),
    path(f"{APPLICATION}filed/", application.Filed.as_view(), name="filed"),
    path(f"{APPLICATION}wishes/", wishes.ChangeWishes.as_view(), name="wishes"),
    path(f"{APPLICATION}wishes/save/", wishes.SaveWishes.as_view(), name="save_wishes"),
    path(f"{APPLICATION}right/", application.ClaimRight.as_view(), name="claim_right"),
    path(f"{APPLICATION}open-places/", application.OpenPlaces.as_view(), name="open_places"),
    path(f"{APPLICATION}withdraw/", application.Withdraw.as_view(), name="withdraw"),
    path(f"{APPLICATION}resume/", application.Resume.as_view(), name="resume"),
    path(f"{APPLICATION}voucher/", voucher.Voucher.as_view(), name="voucher"),
    path(f"{APPLICATION}voucher/take/", voucher.Take.as_view(), name="voucher_take"),
    path(f"{APPLICATION}voucher/refuse/", voucher.Refuse.as_view(), name="voucher_refuse"),
    path(f"{APPLICATION}voucher/restore/", voucher.Restore.as_view(), name="voucher_restore"),
    path(f"{APPLICATION}voucher/kindergartens/", voucher.Choose.as_view(), name="voucher_choose"),
    path(f"{APPLICATION}voucher/contract/", voucher.SignContract.as_view(), name="contract"),
    path(OFFER, offer.Offer.as_view(), name="offer"),
    path(f"{OFFER}accept/", offer.Accept.as_view(), name="accept"),
    path(f"{OFFER}decline/", offer.Decline.as_view(), name="decline"),
    path(f"{OFFER}referral/", offer.Referral.as_view(), name="referral"),
    path(f"{OFFER}extend/", offer.Extend.as_view(), name="extend"),
    path("children/<uuid:child>/", child.Child.as_view(), name="child"),
    path("children/<uuid:child>/exchange/", swap.FindSwap.as_view(), name="swap_find"),
    path("enrolments/<uuid:enrolment>/dispute/", child.Dispute.as_view(), name="dispute"),
    path(SWAP, swap.Swap.as_view(), name="swap"),
    path(f"{SWAP}consent/", swap.Consent.as_view(), name="swap_consent"),
    path(f"{SWAP}refuse/", swap.RefuseSwap.as_view(), name="swap_refuse"),
]
