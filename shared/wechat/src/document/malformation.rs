//! What is wrong with a document; never a piece of it.

use crate::InChinese;

macro_rules! malformations {
    ($($(#[$doc:meta])* $name:ident: $english:literal, $chinese:literal;)*) => {
        /// What is wrong with what came.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub enum Malformation {
            $($(#[$doc])* #[error($english)] $name,)*
        }

        impl Malformation {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        impl InChinese for Malformation {
            fn in_chinese(&self) -> String {
                match self { $(Self::$name => $chinese),* }.to_owned()
            }
        }
    };
}

malformations! {
    /// Nothing but white space.
    Empty: "an empty document", "内容是空的";
    /// It begins as neither does.
    NeitherXmlNorJson: "neither XML nor JSON", "既不是 XML 也不是 JSON";
    /// Its bytes are no text.
    NotUtf8: "not UTF-8", "不是 UTF-8";
    /// A list, a number, a text.
    NotAnObject: "not a JSON object", "不是 JSON 对象";
    /// JSON that breaks off, or is followed by something.
    IllFormedJson: "not well-formed JSON", "JSON 格式有误";
    /// It may define entities: what reads those can be made to read for ever.
    DocumentType: "XML with a document type", "XML 带有 DOCTYPE";
    /// None, or several.
    NotOneElement: "not one XML element", "XML 根元素不是一个";
    /// XML that breaks off, or has what XML has not.
    IllFormedXml: "not well-formed XML", "XML 格式有误";
    /// Deeper than any callback.
    TooDeep: "nested too deeply", "嵌套太深";
    /// More than any callback has.
    TooManyFields: "too many fields", "字段太多";
    /// An envelope around nothing.
    NoEncrypt: "no Encrypt", "没有 Encrypt";
    /// More bytes than any callback has.
    TooLong: "longer than a push can be", "比任何推送都长";
    /// Its time is no number of seconds.
    NotATimestamp: "a timestamp that is none", "timestamp 不是时间戳";
}
