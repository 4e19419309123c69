//! Potentials, follow-ups and demands: what the sales team does with its customers.
