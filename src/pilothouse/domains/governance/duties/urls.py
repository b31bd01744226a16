"""Where incident clocks, requests of authorities and inventories are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.governance.duties.pages import cases, inquiries, inventories

app_name = "duties"
urlpatterns = [
    path("incident-clocks/", cases.case_list, name="cases"),
    path("incident-clocks/new/", cases.case_new, name="case_new"),
    path("incident-clocks/law/", cases.law_page, name="law"),
    path("incident-clocks/law/own/", cases.law_own, name="law_own"),
    path("incident-clocks/<int:number>/", cases.case_detail, name="case"),
    path("incident-clocks/<int:number>/facts/", cases.case_facts, name="case_facts"),
    path("incident-clocks/<int:number>/draft/", cases.case_draft, name="case_draft"),
    path("incident-clocks/<int:number>/sent/", cases.case_sent, name="case_sent"),
    path("incident-clocks/<int:number>/sent/<uuid:sent_id>/void/", cases.case_void, name="case_void"),
    path("incident-clocks/<int:number>/end/", cases.case_end, name="case_end"),
    path("inquiries/", inquiries.inquiry_list, name="inquiries"),
    path("inquiries/new/", inquiries.inquiry_new, name="inquiry_new"),
    path("inquiries/<int:number>/", inquiries.inquiry_detail, name="inquiry"),
    path("inquiries/<int:number>/letters/", inquiries.inquiry_letter, name="inquiry_letter"),
    path("inquiries/<int:number>/letters/<uuid:letter_id>/", inquiries.inquiry_file, name="inquiry_file"),
    path("inquiries/<int:number>/pack/", inquiries.inquiry_pack, name="inquiry_pack"),
    path("inquiries/<int:number>/review/", inquiries.inquiry_review, name="inquiry_review"),
    path("inquiries/<int:number>/end/", inquiries.inquiry_end, name="inquiry_end"),
    path("inventories/", inventories.inventories, name="inventories"),
    path("inventories/omb-<str:part>.csv", inventories.omb_download, name="omb"),
    path("inventories/transparency-records.<str:ending>", inventories.atrs_download, name="atrs"),
]
