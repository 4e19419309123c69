//! The columns of the list, and what of a customer each of them is.

use crm_customers::search::{AddressColumn, Column, PersonColumn};

/// The columns every deployment has, as the published sample lists them.
pub(super) const COLUMN_LIST: &[&str] = &[
    "approve_status_i18n",
    "submit_applying_at",
    "finish_approve_at",
    "name",
    "labels_mapped",
    "company_name",
    "category_mapped",
    "parent.name",
    "contacts",
    "address.tel",
    "address.phone",
    "address.wechat",
    "address.qq",
    "address.wangwang",
    "address.email",
    "address.fax",
    "address.url",
    "address.region_info",
    "address.detail_address",
    "address.zip",
    "status_mapped",
    "source_mapped",
    "industry_mapped",
    "staff_size_mapped",
    "revisit_remind_at",
    "note",
    "channel_mapped",
    "lastest_revisit_log.content",
    "sold_products",
    "revisit_at",
    "real_revisit_at",
    "real_revisit_at_in_word",
    "shop.name",
    "user.name",
    "creator.name",
    "before_user.name",
    "owned_department.name",
    "before_owned_department.name",
    "assist_users",
    "customer_common_setting.name",
    "before_customer_common_setting.name",
    "created_at",
    "updated_at",
    "will_flow_time",
    "custom_field_template.name",
    "last_called_at",
];

/// The columns that hold moments and no text.
const MOMENTS: &[&str] = &[
    "submit_applying_at",
    "finish_approve_at",
    "revisit_remind_at",
    "revisit_at",
    "real_revisit_at",
    "real_revisit_at_in_word",
    "created_at",
    "updated_at",
    "will_flow_time",
    "last_called_at",
];

/// The column that `custom_field_name` means; what is none is taken for the key of a custom field.
/// `None` for one that holds no text.
pub(super) fn column(name: &str) -> Option<Column> {
    if MOMENTS.contains(&name) {
        return None;
    }
    Some(match name {
        "approve_status_i18n" => Column::Approval,
        "name" => Column::Name,
        "labels_mapped" => Column::Labels,
        "company_name" => Column::Company,
        "category_mapped" => Column::Category,
        "contacts" => Column::Contacts,
        "address.tel" => Column::Tel,
        "address.phone" => Column::Phone,
        "address.wechat" => Column::Address(AddressColumn::Wechat),
        "address.qq" => Column::Address(AddressColumn::Qq),
        "address.wangwang" => Column::Address(AddressColumn::Wangwang),
        "address.email" => Column::Address(AddressColumn::Email),
        "address.fax" => Column::Address(AddressColumn::Fax),
        "address.url" => Column::Address(AddressColumn::Url),
        "address.region_info" => Column::Address(AddressColumn::Region),
        "address.detail_address" => Column::Address(AddressColumn::Detail),
        "address.zip" => Column::Address(AddressColumn::Zip),
        "status_mapped" => Column::Stage,
        "source_mapped" => Column::Source,
        "note" => Column::Note,
        "lastest_revisit_log.content" => Column::FollowLog,
        "user.name" => Column::Person(PersonColumn::Owner),
        "creator.name" => Column::Person(PersonColumn::Creator),
        "before_user.name" => Column::Person(PersonColumn::LastOwner),
        "owned_department.name" => Column::Department(PersonColumn::Owner),
        "before_owned_department.name" => Column::Department(PersonColumn::LastOwner),
        "assist_users" => Column::Assistants,
        other if COLUMN_LIST.contains(&other) => Column::Blank,
        key => Column::Custom(key.to_owned()),
    })
}
