//! Reads the XML of callbacks: elements and text, nothing else.
//!
//! Accepts CDATA and plain text, any order, unknown elements and white space between them. Attributes and
//! comments are skipped. A document type is refused and only the five predefined entities are known, so
//! nothing can be made to expand: any other, and a bare `&`, stand for themselves.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::fields::{Budget, Fields, MAX_DEPTH, Node};
use super::malformation::Malformation;

/// Reads the fields of the root element, whatever its name.
pub(super) fn parse(text: &str) -> Result<Fields<'_>, Malformation> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut document = Document { text, reader, budget: Budget::new() };
    let root = loop {
        match document.next()? {
            Event::Start(_) => break document.element(1)?,
            Event::Empty(_) => break Node::Text(Cow::Borrowed("")),
            event => outside_the_root(&event)?,
        }
    };
    loop {
        match document.next()? {
            Event::Eof => break,
            event => outside_the_root(&event)?,
        }
    }
    match root {
        Node::Fields(fields) => Ok(fields),
        _ => Ok(Fields::default()),
    }
}

/// Only what means nothing may stand before and after the root element.
fn outside_the_root(event: &Event<'_>) -> Result<(), Malformation> {
    match event {
        Event::Decl(_) | Event::PI(_) | Event::Comment(_) => Ok(()),
        Event::Text(text) if is_blank(text) => Ok(()),
        Event::DocType(_) => Err(Malformation::DocumentType),
        _ => Err(Malformation::NotOneElement),
    }
}

struct Document<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    budget: Budget,
}

impl<'a> Document<'a> {
    fn next(&mut self) -> Result<Event<'a>, Malformation> {
        self.reader.read_event().map_err(|_| Malformation::IllFormedXml)
    }

    /// Reads up to the end tag that closes the element just opened.
    fn element(&mut self, depth: usize) -> Result<Node<'a>, Malformation> {
        if depth > MAX_DEPTH {
            return Err(Malformation::TooDeep);
        }
        let mut fields: Option<Fields<'a>> = None;
        let mut content = Content::default();
        loop {
            match self.next()? {
                Event::Start(tag) => {
                    self.budget.spend()?;
                    let name = self.name(tag.len(), tag.name().as_ref().len(), ">")?;
                    let value = self.element(depth + 1)?;
                    fields.get_or_insert_with(Fields::with_usual_capacity).push(name, value);
                }
                Event::Empty(tag) => {
                    self.budget.spend()?;
                    let name = self.name(tag.len(), tag.name().as_ref().len(), "/>")?;
                    let value = Node::Text(Cow::Borrowed(""));
                    fields.get_or_insert_with(Fields::with_usual_capacity).push(name, value);
                }
                Event::CData(text) => content.quoted(text.into_inner()),
                Event::Text(text) => content.plain(text.into_inner()),
                Event::GeneralRef(reference) => content.reference(&reference),
                Event::End(_) => break,
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(Malformation::DocumentType),
                Event::Decl(_) | Event::Eof => return Err(Malformation::IllFormedXml),
            }
        }
        Ok(match fields {
            Some(fields) => Node::Fields(fields),
            None => Node::Text(content.finish()),
        })
    }

    /// The name of the tag just read, borrowed from the document: the reader only lends names for as long as
    /// its event lives. The tag ends where the reader stands.
    fn name(&self, tag: usize, name: usize, closing: &str) -> Result<Cow<'a, str>, Malformation> {
        let end = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        end.checked_sub(tag + closing.len())
            .and_then(|start| self.text.get(start..start + name))
            .filter(|name| !name.is_empty())
            .map(Cow::Borrowed)
            .ok_or(Malformation::IllFormedXml)
    }
}

/// The text of one element, put together from its pieces.
///
/// White space is meant only inside CDATA; around it, and at the ends of plain text, it is layout.
#[derive(Default)]
struct Content<'a> {
    text: Cow<'a, str>,
    has_quoted: bool,
}

impl<'a> Content<'a> {
    fn quoted(&mut self, piece: Cow<'a, str>) {
        self.has_quoted = true;
        self.append(piece);
    }

    fn plain(&mut self, piece: Cow<'a, str>) {
        if (self.has_quoted || self.text.is_empty()) && is_blank(&piece) {
            return;
        }
        self.append(piece);
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let name = reference.as_ref();
        let character = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            _ if name.starts_with('#') => {
                reference.resolve_char_ref().ok().flatten().unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => {
                let text = self.text.to_mut();
                text.push('&');
                text.push_str(name);
                ';'
            }
        };
        self.text.to_mut().push(character);
    }

    fn append(&mut self, piece: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = piece;
        } else {
            self.text.to_mut().push_str(&piece);
        }
    }

    fn finish(self) -> Cow<'a, str> {
        match self.text {
            text if self.has_quoted => text,
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(xml: &str) -> String {
        parse(xml).expect("a document").text("A").unwrap_or_default().to_owned()
    }

    #[test]
    fn xml_text_is_read_from_cdata_plain_text_and_entities() {
        let table = [
            ("<xml><A><![CDATA[ a < b & c ]]></A></xml>", " a < b & c "),
            ("<xml><A>\n  <![CDATA[护照]]>\n</A></xml>", "护照"),
            ("<xml><A><![CDATA[x]]]]><![CDATA[>y]]></A></xml>", "x]]>y"),
            ("<xml><A>  1482048670 </A></xml>", "1482048670"),
            ("<xml><A>a &lt; b &#x62a4;&#29031;</A></xml>", "a < b 护照"),
            ("<xml><A>&lt; &gt;</A></xml>", "< >"),
            ("<xml><A>a&nbsp;b & c=1&d=2</A></xml>", "a&nbsp;b & c=1&d=2"),
            ("<xml><A>&#0;&#xd83d;&#x110000;</A></xml>", "\u{fffd}\u{fffd}\u{fffd}"),
            ("<xml><A/></xml>", ""),
            ("<xml><A></A></xml>", ""),
            ("<xml><A lang=\"zh\">x</A ></xml>", "x"),
            ("<?xml version=\"1.0\"?><!-- c --><xml><!-- d --><A>x</A></xml>\n", "x"),
        ];
        for (xml, expect) in table {
            assert_eq!(content(xml), expect, "{xml}");
        }
    }

    #[test]
    fn xml_that_is_not_one_plain_element_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(9), "</a>".repeat(9));
        let long = format!("<xml>{}</xml>", "<a/>".repeat(1_001));
        let table = [
            ("<!DOCTYPE x [<!ENTITY a \"b\">]><xml><A>&a;</A></xml>", Malformation::DocumentType),
            ("<xml><A>x</A>", Malformation::IllFormedXml),
            ("<xml><A>x</B></xml>", Malformation::IllFormedXml),
            ("<xml/><xml/>", Malformation::NotOneElement),
            ("<xml/>success", Malformation::NotOneElement),
            (&deep, Malformation::TooDeep),
            (&long, Malformation::TooManyFields),
        ];
        for (xml, expect) in table {
            assert_eq!(parse(xml), Err(expect), "{xml}");
        }
    }
}
