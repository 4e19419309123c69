//! The id of a potential, under any of its names.

use crm_core::PotentialId;
use crm_records::POTENTIAL_ID_NAMES;

use crate::http::Reader;

/// The id of a potential, sent as `potent_id`, `protent_id` or `potential_id`. `null` is absent;
/// names that contradict each other are an error on the later one.
pub(super) fn read(input: &mut Reader) -> Option<PotentialId> {
    let mut found = None;
    for name in POTENTIAL_ID_NAMES {
        let sent = input.own_id::<PotentialId>(name);
        if found.is_some() && sent.is_some() && sent != found {
            input.note(name, "与同义参数的值不一致");
        }
        found = found.or(sent);
    }
    found
}

/// The same for a request that cannot do without. What is wrong is named as the document names it.
pub(super) fn read_required(input: &mut Reader) -> Option<PotentialId> {
    let id = read(input);
    if id.is_none() {
        let name = POTENTIAL_ID_NAMES.into_iter().find(|name| input.has(name)).unwrap_or("potent_id");
        input.note(name, "不能为空");
    }
    id
}
