"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import (
    audit_books,
    audit_chain,
    audit_checks,
    audit_export,
    entering,
    figures,
    member_pot,
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
    public,
)

STAFF = (
    operator_waiting, operator_files, operator_money, operator_bank, operator_claims, operator_month, operator_rules, operator_proposals,
    operator_members, operator_changes, operator_seats, operator_messages, audit_books, audit_chain, audit_checks, audit_export,
)  # fmt: skip


def routers() -> list[APIRouter]:
    """Public pages first."""
    return [public.router, figures.router, entering.router, member_pot.router, *(one.router for one in STAFF)]
