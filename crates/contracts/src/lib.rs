//! Contracts: what customers have signed, and for how much.
