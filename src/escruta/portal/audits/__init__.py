"""The pages of an audit of the paper: the report of it, and the forms on which drawn boxes are counted.

audit_page(story, "en")     # the report, one page in one file
forms_page(forms, "en")     # a sheet of A4 for each drawn box
"""

from escruta.portal.audits.forms import Form, Forms, forms_page
from escruta.portal.audits.papers import Heading
from escruta.portal.audits.report import audit_page
from escruta.portal.audits.slip_forms import SlipForm, SlipForms, slip_forms_page
from escruta.portal.audits.story import DrawnBox, DrawnSlip, Round, Story, TakenStep

__all__ = [
    "DrawnBox",
    "DrawnSlip",
    "Form",
    "Forms",
    "Heading",
    "Round",
    "SlipForm",
    "SlipForms",
    "Story",
    "TakenStep",
    "audit_page",
    "forms_page",
    "slip_forms_page",
]
