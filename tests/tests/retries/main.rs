//! A write sent again under the same `Idempotency-Key`: done once, answered the same.

mod contract;
mod crash;
mod race;

#[test]
fn serves() {
    crm_tests::child::serve_if_asked();
}
