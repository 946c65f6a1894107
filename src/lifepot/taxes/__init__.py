"""What the state takes and gives: income tax, National Insurance, loans, benefits and pensions, monthly, in whole pence."""
