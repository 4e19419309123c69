//! The XML of WeCom's callbacks, as far as it is read here.

use crm_core::Instant;
use crm_customers::wecom::{WecomEvent, WecomEventKind};
use roxmltree::{Document, ParsingOptions};

/// Elements and texts a message may have; WeCom's have some twenty.
const NODES_MAX: u32 = 500;
/// Bytes a message may have, before it is known whose it is: WeCom's have one or two thousand. The parser
/// compares every attribute with every other, so that a large body would keep a processor busy.
const MESSAGE_MAX: usize = 16 * 1_024;
/// The last second of the year 9999, which every part of the system can hold.
const LAST_SECOND: i64 = 253_402_300_799;
/// Characters an id may have; WeCom's have up to 64.
const ID_MAX: usize = 255;

/// What a decrypted message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Something happened to a contact.
    Contact(WecomEvent),
    /// Something else, which is of no concern here.
    Other,
}

/// The ciphertext in the body of a request.
pub(super) fn encrypted(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    child(&parse(text)?, "Encrypt")
}

/// A decrypted message; `None` when it cannot be read.
pub(super) fn read(text: &str) -> Option<Message> {
    let document = parse(text)?;
    let field = |name| child(&document, name);
    if field("Event").as_deref() != Some("change_external_contact") {
        return Some(Message::Other);
    }
    let kind = match field("ChangeType").as_deref() {
        Some("add_external_contact" | "add_half_external_contact") => WecomEventKind::Added,
        Some("edit_external_contact") => WecomEventKind::Edited,
        Some("del_external_contact" | "del_follow_user") => WecomEventKind::Lost,
        _ => return Some(Message::Other),
    };
    let seconds: i64 = field("CreateTime")?.parse().ok().filter(|seconds| (0..=LAST_SECOND).contains(seconds))?;
    let id = |name| field(name).filter(|id: &String| !id.is_empty() && id.chars().count() <= ID_MAX);
    Some(Message::Contact(WecomEvent {
        wecom_userid: id("UserID")?,
        external_userid: id("ExternalUserID")?,
        kind,
        at: Instant::from_unix(seconds),
    }))
}

/// A document without a DTD: with one, a few bytes can stand for gigabytes of text.
fn parse(text: &str) -> Option<Document<'_>> {
    if text.len() > MESSAGE_MAX {
        return None;
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).ok()
}

/// The text of a child of the root.
fn child(document: &Document<'_>, name: &str) -> Option<String> {
    let root = document.root_element();
    let element = root.children().find(|child| child.has_tag_name(name))?;
    Some(element.text().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(change: &str, time: &str) -> String {
        format!(
            "<xml><ToUserName><![CDATA[corp]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
             <CreateTime>{time}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
             <Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[{change}]]></ChangeType>\
             <UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[woAJ2]]></ExternalUserID></xml>"
        )
    }

    #[test]
    fn a_body_too_large_to_be_a_message_is_not_parsed() {
        let attributes: String = (0..20_000).map(|number| format!(" a{number}='1'")).collect();
        let started = std::time::Instant::now();
        assert_eq!(encrypted(format!("<xml{attributes}><Encrypt>x</Encrypt></xml>").as_bytes()), None);
        assert!(started.elapsed() < std::time::Duration::from_millis(200), "{:?}", started.elapsed());
        assert_eq!(encrypted(b"<xml><Encrypt>x</Encrypt></xml>").as_deref(), Some("x"));
    }

    #[test]
    fn the_changes_of_contacts_are_read() {
        for (change, kind) in [
            ("add_external_contact", WecomEventKind::Added),
            ("add_half_external_contact", WecomEventKind::Added),
            ("edit_external_contact", WecomEventKind::Edited),
            ("del_external_contact", WecomEventKind::Lost),
            ("del_follow_user", WecomEventKind::Lost),
        ] {
            let expected = WecomEvent {
                wecom_userid: "zhangsan".to_owned(),
                external_userid: "woAJ2".to_owned(),
                kind,
                at: Instant::from_unix(1_403_610_513),
            };
            assert_eq!(read(&event(change, "1403610513")), Some(Message::Contact(expected)), "{change}");
        }
        assert_eq!(read(&event("transfer_fail", "1403610513")), Some(Message::Other));
        assert_eq!(read("<xml><Event>change_contact</Event></xml>"), Some(Message::Other));
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        for time in ["", "x", "-1", "99999999999999999999", "253402300800"] {
            assert_eq!(read(&event("del_follow_user", time)), None, "{time:?}");
        }
        let without_id = event("del_follow_user", "1").replace("woAJ2", "");
        let long = event("del_follow_user", "1").replace("woAJ2", &"w".repeat(256));
        for text in ["", "<xml>", "x", without_id.as_str(), long.as_str()] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(encrypted(b"<xml><Encrypt>\xff</Encrypt></xml>"), None);
        assert_eq!(encrypted(b"<xml><A/></xml>"), None);
        assert_eq!(encrypted(b"<xml><Encrypt><![CDATA[abc]]></Encrypt></xml>").as_deref(), Some("abc"));
    }

    #[test]
    fn entities_and_floods_of_elements_are_refused() {
        let laughs = "<!DOCTYPE xml [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><xml><Encrypt>&b;</Encrypt></xml>";
        assert_eq!(encrypted(laughs.as_bytes()), None);
        let external = "<!DOCTYPE xml [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><Encrypt>&a;</Encrypt></xml>";
        assert_eq!(encrypted(external.as_bytes()), None);
        let deep = format!("<xml>{}", "<a>".repeat(300_000));
        assert_eq!(encrypted(deep.as_bytes()), None);
        let wide = format!("<xml>{}<Encrypt>a</Encrypt></xml>", "<a/>".repeat(200_000));
        assert_eq!(encrypted(wide.as_bytes()), None);
    }
}
