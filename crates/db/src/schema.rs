//! The tables, for diesel: one declaration for both engines. A test holds it to the migrations.
#![allow(missing_docs, unreachable_pub, reason = "the tables are described by schema.sql")]

diesel::table! {
    departments (id) {
        id -> BigInt,
        name -> Text,
        parent_id -> Nullable<BigInt>,
        leader_id -> Nullable<BigInt>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    staff_groups (id) {
        id -> BigInt,
        name -> Text,
        detail -> Nullable<Text>,
        data_scope -> Text,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    staff (id) {
        id -> BigInt,
        phone -> Text,
        phone_key -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        role_id -> SmallInt,
        department_id -> Nullable<BigInt>,
        number -> Nullable<BigInt>,
        nick_name -> Nullable<Text>,
        real_name -> Nullable<Text>,
        head_image_url -> Nullable<Text>,
        sex -> SmallInt,
        open_id -> Nullable<Text>,
        birthday -> Nullable<Date>,
        title -> Nullable<Text>,
        address -> Nullable<Text>,
        school -> Nullable<Text>,
        political_affiliation -> Nullable<Text>,
        education -> Nullable<Text>,
        rank_id -> Nullable<BigInt>,
        rank_type -> Nullable<BigInt>,
        job_id -> Nullable<BigInt>,
        info -> Nullable<Text>,
        note -> Nullable<Text>,
        entry_time -> Nullable<Timestamp>,
        official_time -> Nullable<Timestamp>,
        resign_time -> Nullable<Timestamp>,
        last_login_time -> Nullable<Timestamp>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        wecom_userid -> Nullable<Text>,
    }
}

diesel::table! {
    staff_group_members (staff_id, group_id) {
        staff_id -> BigInt,
        group_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    menus (id) {
        id -> BigInt,
        name -> Text,
        content -> Text,
        note -> Text,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    staff_menus (staff_id, menu_id) {
        staff_id -> BigInt,
        menu_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        staff_id -> BigInt,
        token_hash -> Text,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_failures (id) {
        id -> BigInt,
        phone_key -> Text,
        address -> Text,
        failed_at -> Timestamp,
    }
}

diesel::table! {
    known_addresses (phone_key, address) {
        phone_key -> Text,
        address -> Text,
        last_sign_in_at -> Timestamp,
    }
}

diesel::table! {
    sign_in_locks (lock_key) {
        lock_key -> Text,
        locked_at -> Timestamp,
    }
}

diesel::table! {
    retries (id) {
        id -> BigInt,
        staff_id -> BigInt,
        key_hash -> Text,
        request_hash -> Text,
        answer -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    organizations (id) {
        id -> BigInt,
        name -> Text,
        detail -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        provience -> Nullable<Text>,
        city -> Nullable<Text>,
        county -> Nullable<Text>,
        address -> Nullable<Text>,
        legal_person -> Nullable<Text>,
        register_capital -> Nullable<Text>,
        register_date -> Nullable<Date>,
        website -> Nullable<Text>,
        note -> Nullable<Text>,
        creator_id -> BigInt,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customers (id) {
        id -> BigInt,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        nick_name -> Nullable<Text>,
        real_name -> Text,
        avatar -> Nullable<Text>,
        phone -> Nullable<Text>,
        phone_key -> Nullable<Text>,
        job -> Nullable<Text>,
        sex -> SmallInt,
        cid -> Nullable<Text>,
        open_id -> Nullable<Text>,
        level -> BigInt,
        is_vip -> SmallInt,
        is_senior -> SmallInt,
        vip_due_time -> Nullable<Timestamp>,
        navigation_due_time -> Nullable<Timestamp>,
        legal_person -> Nullable<Text>,
        register_capital -> Nullable<Text>,
        register_date -> Nullable<Date>,
        website -> Nullable<Text>,
        note -> Nullable<Text>,
        creator_id -> BigInt,
        owner_id -> Nullable<BigInt>,
        last_owner_id -> Nullable<BigInt>,
        assigned_at -> Nullable<Timestamp>,
        pool_entered_at -> Nullable<Timestamp>,
        pool_times -> BigInt,
        pool_type -> SmallInt,
        last_follow_at -> Nullable<Timestamp>,
        last_follow_log -> Nullable<Text>,
        last_deal_at -> Nullable<Timestamp>,
        last_deal_money -> Nullable<BigInt>,
        order_money -> Text,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<BigInt>,
        deleted_reason -> Nullable<Text>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        is_locked -> SmallInt,
        stage_id -> BigInt,
        last_stage_id -> Nullable<BigInt>,
        source_id -> Nullable<BigInt>,
        category_id -> Nullable<BigInt>,
        product_line_id -> BigInt,
        is_clue -> SmallInt,
        clue_user_id -> Nullable<BigInt>,
        first_claimed_at -> Nullable<Timestamp>,
        clue_id_unique -> Nullable<Text>,
        api_platform -> Nullable<Text>,
        api_setting_id -> BigInt,
        clue_ocpc_data -> Nullable<Text>,
        is_blacklisted -> SmallInt,
        next_follow_at -> Nullable<Timestamp>,
        last_called_at -> Nullable<Timestamp>,
        community_name -> Nullable<Text>,
        room_number -> Nullable<Text>,
        budget -> Nullable<BigInt>,
        intent -> Nullable<SmallInt>,
        approve_status -> Text,
        updated_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    customer_organizations (customer_id, organization_id) {
        customer_id -> BigInt,
        organization_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    customer_events (id) {
        id -> BigInt,
        customer_id -> BigInt,
        kind -> Text,
        actor_id -> Nullable<BigInt>,
        from_value -> Nullable<Text>,
        to_value -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        from_owner_id -> Nullable<BigInt>,
        to_owner_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    potentials (id) {
        id -> BigInt,
        organization_id -> BigInt,
        director_id -> BigInt,
        creator_id -> BigInt,
        record_time -> Timestamp,
        note -> Nullable<Text>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        potential_id -> BigInt,
        event -> Nullable<SmallInt>,
        gain -> Nullable<Text>,
        record_time -> Timestamp,
        attach -> Nullable<Text>,
        note -> Nullable<Text>,
        operator_id -> BigInt,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    follow_customers (follow_id, customer_id) {
        follow_id -> BigInt,
        customer_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    follow_followers (follow_id, staff_id) {
        follow_id -> BigInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    demands (id) {
        id -> BigInt,
        organization_id -> BigInt,
        content -> Text,
        record_time -> Timestamp,
        attach -> Nullable<Text>,
        note -> Nullable<Text>,
        operator_id -> BigInt,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    demand_customers (demand_id, customer_id) {
        demand_id -> BigInt,
        customer_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    demand_followers (demand_id, staff_id) {
        demand_id -> BigInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    satisfactions (id) {
        id -> BigInt,
        organization_id -> Nullable<BigInt>,
        value -> SmallInt,
        record_time -> Timestamp,
        attach -> Nullable<Text>,
        note -> Nullable<Text>,
        operator_id -> BigInt,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    satisfaction_customers (satisfaction_id, customer_id) {
        satisfaction_id -> BigInt,
        customer_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    satisfaction_followers (satisfaction_id, staff_id) {
        satisfaction_id -> BigInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        organization_id -> BigInt,
        customer_id -> Nullable<BigInt>,
        name -> Text,
        code -> Nullable<Text>,
        amount -> Nullable<BigInt>,
        sign_time -> Timestamp,
        aging_start_time -> Nullable<Timestamp>,
        aging_end_time -> Nullable<Timestamp>,
        remit_amount -> Nullable<BigInt>,
        remit_time -> Nullable<Timestamp>,
        note -> Nullable<Text>,
        creator_id -> BigInt,
        editor_id -> Nullable<BigInt>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contract_followers (contract_id, staff_id) {
        contract_id -> BigInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        staff_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        action -> Text,
        record -> Text,
        record_id -> Nullable<BigInt>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    counters (name, shard) {
        name -> Text,
        shard -> BigInt,
        value -> BigInt,
    }
}

diesel::table! {
    customer_stages (id) {
        id -> BigInt,
        name -> Text,
        color -> Text,
        sort_num -> BigInt,
        is_default -> SmallInt,
        is_active -> SmallInt,
        outcome -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_sources (id) {
        id -> BigInt,
        name -> Text,
        color -> Text,
        sort_num -> BigInt,
        is_default -> SmallInt,
        is_active -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_categories (id) {
        id -> BigInt,
        name -> Text,
        color -> Text,
        sort_num -> BigInt,
        is_default -> SmallInt,
        is_active -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    product_lines (id) {
        id -> BigInt,
        name -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    team_roles (role_type) {
        role_type -> SmallInt,
        role_name -> Text,
        role_description -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_addresses (id) {
        id -> BigInt,
        customer_id -> BigInt,
        tel -> Nullable<Text>,
        email -> Nullable<Text>,
        qq -> Nullable<Text>,
        fax -> Nullable<Text>,
        wechat -> Nullable<Text>,
        wangwang -> Nullable<Text>,
        zip -> Nullable<Text>,
        url -> Nullable<Text>,
        country -> Nullable<Text>,
        province -> Nullable<Text>,
        city -> Nullable<Text>,
        district -> Nullable<Text>,
        detail_address -> Nullable<Text>,
        lat -> Nullable<Double>,
        lng -> Nullable<Double>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_contacts (id) {
        id -> BigInt,
        customer_id -> BigInt,
        name -> Text,
        phone -> Nullable<Text>,
        tel -> Nullable<Text>,
        job -> Nullable<Text>,
        email -> Nullable<Text>,
        wechat -> Nullable<Text>,
        is_primary -> SmallInt,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    label_groups (id) {
        id -> BigInt,
        name -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    labels (id) {
        id -> BigInt,
        group_id -> BigInt,
        name -> Text,
        color -> Text,
        sort_num -> BigInt,
        status -> SmallInt,
    }
}

diesel::table! {
    customer_labels (customer_id, label_id) {
        customer_id -> BigInt,
        label_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    customer_team (customer_id, role_type, staff_id) {
        customer_id -> BigInt,
        role_type -> SmallInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    customer_assistants (customer_id, staff_id) {
        customer_id -> BigInt,
        staff_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    customer_favourites (staff_id, customer_id) {
        staff_id -> BigInt,
        customer_id -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    custom_fields (id) {
        id -> BigInt,
        key -> Text,
        title -> Text,
        kind -> Text,
        options -> Text,
        required -> SmallInt,
        sort_num -> BigInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_field_values (customer_id, field_id) {
        customer_id -> BigInt,
        field_id -> BigInt,
        value -> Text,
    }
}

diesel::table! {
    pool_rule (id) {
        id -> SmallInt,
        enabled -> SmallInt,
        contact_days -> BigInt,
        deal_days -> BigInt,
        notice_days -> BigInt,
        hold_limit -> BigInt,
        cooldown_days -> BigInt,
        tightened_at -> Nullable<Timestamp>,
        version -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    wecom_contacts (id) {
        id -> BigInt,
        external_userid -> Text,
        staff_id -> BigInt,
        name -> Nullable<Text>,
        avatar -> Nullable<Text>,
        added_at -> Timestamp,
        lost_at -> Nullable<Timestamp>,
        event_at -> Nullable<Timestamp>,
        customer_id -> Nullable<BigInt>,
        status -> SmallInt,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    wecom_events (id) {
        id -> BigInt,
        wecom_id -> BigInt,
        staff_id -> BigInt,
        kind -> Text,
        happened_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    audit,
    contract_followers,
    contracts,
    counters,
    custom_fields,
    customer_addresses,
    customer_assistants,
    customer_categories,
    customer_contacts,
    customer_events,
    customer_favourites,
    customer_field_values,
    customer_labels,
    customer_organizations,
    customer_sources,
    customer_stages,
    customer_team,
    customers,
    demand_customers,
    demand_followers,
    demands,
    departments,
    follow_customers,
    follow_followers,
    follows,
    known_addresses,
    label_groups,
    labels,
    leases,
    menus,
    organizations,
    pool_rule,
    potentials,
    product_lines,
    retries,
    satisfaction_customers,
    satisfaction_followers,
    satisfactions,
    sessions,
    sign_in_failures,
    sign_in_locks,
    staff,
    staff_group_members,
    staff_groups,
    staff_menus,
    team_roles,
    wecom_contacts,
    wecom_events,
);
