//! Every code of docs/wechat.md §13.2 in the document's order, with the class it has there.

use wechat::ErrClass::{self, *};
use wechat::ErrCode;

const SHEET: &[(ErrClass, &[i64])] = &[
    (Ok, &[0]),
    (Retry, &[-1]),
    (Token, &[40001]),
    (Bug, &[40002]),
    (Recipient, &[40003]),
    (Bug, &[40004, 40005, 40006]),
    (Retry, &[40007]),
    (Bug, &[40008]),
    (Config, &[40013]),
    (Token, &[40014]),
    (Login, &[40029]),
    (Bug, &[40033]),
    (Bug, &[40035, 40097]),
    (Config, &[40036, 40037]),
    (Bug, &[40053, 40058]),
    (Config, &[40125]),
    (Login, &[40163]),
    (Config, &[40164, 40165]),
    (Recipient, &[40226]),
    (Config, &[40243]),
    (Bug, &[41001, 41002, 41004, 41008, 41009]),
    (Bug, &[41028, 41029]),
    (Config, &[41030]),
    (Token, &[42001]),
    (Login, &[42007]),
    (Bug, &[43001, 43002, 43003]),
    (Recipient, &[43004, 43005, 43019, 43101]),
    (Config, &[43107]),
    (Retry, &[43108]),
    (Bug, &[44002, 44004]),
    (Content, &[45001, 45002]),
    (Bug, &[45008]),
    (Quota, &[45009]),
    (Rate, &[45011]),
    (Recipient, &[45015]),
    (Config, &[45035, 61004]),
    (Recipient, &[45047]),
    (Ok, &[45065]),
    (Rate, &[45066]),
    (Bug, &[45067]),
    (Ignore, &[45072, 45080, 45081]),
    (Content, &[45168]),
    (Recipient, &[46004]),
    (Bug, &[47001]),
    (Content, &[47003]),
    (Config, &[48001]),
    (Recipient, &[48002]),
    (Config, &[48003, 48004]),
    (Quota, &[48006]),
    (Config, &[48008]),
    (Config, &[50001, 50002]),
    (Recipient, &[50005]),
    (Config, &[50004, 50007]),
    (Retry, &[61450]),
    (Recipient, &[70000]),
    (Ignore, &[76001, 76004, 76021, 76022]),
    (Ignore, &[85431]),
    (Config, &[89503, 89506, 89507]),
    (Retry, &[200001]),
    (Bug, &[200002, 200014, 200016, 200017, 200018, 200019, 200020, 200021, 200022]),
    (Config, &[200011, 200012, 200013, 200100]),
    (Unknown, &[9001001, 12345, 40000, 99999]),
    // Named elsewhere in the same document: docs/wechat.md §4.4, §1.7, §9.3.
    (Bug, &[40200]),
    (Config, &[40201, 40202, 40203]),
    (Retry, &[20001]),
    // docs/wechat.md §10.3.
    (Rate, &[40241, 43117]),
    (Config, &[43116, 40039, 43106, 40246, 40247]),
    (Content, &[40249]),
    (Config, &[40230, 40231, 40239, 40240]),
];

#[test]
fn codes_of_the_document_have_their_class_a_meaning_and_an_advice() {
    for &(class, codes) in SHEET {
        for &code in codes {
            let errcode = ErrCode(code);
            assert_eq!(errcode.class(), class, "{code}");
            assert!(!errcode.meaning().is_empty() && !errcode.advice().is_empty(), "{code}");
            let chinese = [errcode.meaning_in_chinese(), errcode.advice_in_chinese()];
            let is_chinese = |text: &&str| text.chars().any(|character| character > '\u{2e80}');
            assert!(chinese.iter().all(is_chinese), "{code}: {chinese:?}");
        }
    }
}

#[test]
fn codes_that_need_different_deeds_have_different_words() {
    let words = |code| (ErrCode(code).meaning(), ErrCode(code).advice());
    assert_ne!(words(89506), words(89507));
    assert_ne!(words(40164), words(40165));
    assert_eq!(words(1), words(9001001));
    assert_eq!(format!("{} {:?}", ErrCode(40164), ErrCode(-1)), "40164 ErrCode(-1)");
}
