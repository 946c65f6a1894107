"""All routers of the pages of operators, approvers and auditors."""

from fastapi import APIRouter

from lifepot.portals import (
    audit_books,
    audit_chain,
    audit_checks,
    audit_export,
    operator_bank,
    operator_changes,
    operator_claims,
    operator_files,
    operator_members,
    operator_messages,
    operator_money,
    operator_month,
    operator_proposals,
    operator_rules,
    operator_seats,
    operator_waiting,
)

STAFF = (
    operator_waiting, operator_files, operator_money, operator_bank, operator_claims, operator_month, operator_rules, operator_proposals,
    operator_members, operator_changes, operator_seats, operator_messages, audit_books, audit_chain, audit_checks, audit_export,
)  # fmt: skip


def staff_routers() -> list[APIRouter]:
    """In the order of the navigation."""
    return [one.router for one in STAFF]
