"""The clock-hours ledger: proposed by a roster or from recorded activity, approved by an instructor."""
