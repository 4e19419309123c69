//! What is said of a demonstration customer beside its name.

use crm_core::{Money, Patch};
use crm_customers::AddressInput;
use crm_customers::customer::{ClueInput, Ocpc, ProjectInput};
use crm_customers::field::{CustomInput, Given};

use super::work::Work;
use super::{choices, names};

impl Work {
    pub(super) fn address(&mut self) -> AddressInput {
        let place = names::place(&mut self.rng);
        AddressInput {
            tel: format!("0{}-{:07}", self.rng.u32(21..900), self.rng.u32(2_000_000..9_000_000)).into(),
            email: format!("kh{:06}@example.cn", self.rng.u32(0..1_000_000)).into(),
            qq: self.rng.u32(100_000_000..999_999_999).to_string().into(),
            wechat: format!("wx_{:07}", self.rng.u32(0..10_000_000)).into(),
            url: "http://www.example.cn".to_owned().into(),
            province: place.province.to_owned().into(),
            city: place.city.to_owned().into(),
            district: place.county.to_owned().into(),
            detail_address: place.street.into(),
            ..AddressInput::default()
        }
    }

    pub(super) fn project(&mut self) -> ProjectInput {
        ProjectInput {
            community_name: names::community(&mut self.rng).into(),
            room_number: format!("{}号{}{:02}", self.rng.u32(1..40), self.rng.u32(1..30), self.rng.u32(1..6)).into(),
            budget: Money::from_cents(self.rng.i64(5..500) * 100).map_or(Patch::Absent, Patch::Value),
            intent: self.rng.i64(1..=3).into(),
        }
    }

    /// Every fourth customer came as a lead.
    pub(super) fn clue(&mut self) -> ClueInput {
        if self.rng.u8(0..4) > 0 {
            return ClueInput::default();
        }
        ClueInput {
            is_clue: 1.into(),
            clue_id_unique: format!("feiyu-{:08x}", self.rng.u32(..)).into(),
            api_platform: "飞鱼".to_owned().into(),
            api_setting_id: self.rng.i64(1..4).into(),
            ocpc: Ocpc { value: vec!["form_submit".into()], display: "表单提交".to_owned() }.into(),
            ..ClueInput::default()
        }
    }

    pub(super) fn custom(&mut self) -> CustomInput {
        let house = self.rng.choice(choices::HOUSES).copied().unwrap_or_default();
        let area = format!("{}.{}", self.rng.u32(60..600), self.rng.u32(0..10));
        let move_in = format!("{}-{:02}-01", self.rng.u32(2027..2030), self.rng.u32(1..13));
        vec![
            (choices::HOUSE.to_owned(), Patch::Value(Given::Texts(vec![house.to_owned()]))),
            (choices::AREA.to_owned(), Patch::Value(Given::Number(area))),
            (choices::MOVE_IN.to_owned(), Patch::Value(Given::Text(move_in))),
            (choices::WISHES.to_owned(), Patch::Value(Given::Text(names::demand(&mut self.rng).to_owned()))),
        ]
    }
}
