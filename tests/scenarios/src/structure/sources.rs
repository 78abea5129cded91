//! The source files of a crate, found as the compiler finds them: from the root, along `mod x;`. Whatever is under
//! `#[cfg(test)]` or `#[test]` is left out.

use std::path::{Path, PathBuf};

use syn::{ImplItem, Item};

/// The module's path from the root of its crate.
pub(super) type ModulePath = Vec<String>;

/// One module: a file, or a block within one.
pub(super) struct Module {
    pub(super) path: ModulePath,
    pub(super) file: String,
    /// Without the modules among them, which stand for themselves.
    pub(super) items: Vec<Item>,
    pub(super) children: Vec<String>,
}

pub(super) struct Crate {
    pub(super) modules: Vec<Module>,
}

struct Reader<'a> {
    read: &'a dyn Fn(&Path) -> Option<String>,
    modules: Vec<Module>,
}

impl Crate {
    /// `read` is asked for the files below `root`, and answers nothing for what is not there.
    pub(super) fn read(root: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut reader = Reader { read, modules: Vec::new() };
        let folder = root.parent().expect("a file is in a folder");
        reader.file(root, folder, Vec::new());
        Self { modules: reader.modules }
    }

    /// A crate of these files, the first of which is the root.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let text = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        Self::read(Path::new(files[0].0), &text)
    }
}

impl Reader<'_> {
    /// `folder` is where the files of its children are.
    fn file(&mut self, path: &Path, folder: &Path, module: ModulePath) {
        let name = path.display().to_string();
        let text = (self.read)(path).unwrap_or_else(|| panic!("{name} is not there"));
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        if !syntax.attrs.iter().any(is_for_tests) {
            self.module(&name, folder, module, syntax.items);
        }
    }

    fn module(&mut self, file: &str, folder: &Path, path: ModulePath, items: Vec<Item>) {
        let at = self.modules.len();
        let module = Module { path, file: file.to_owned(), items: Vec::new(), children: Vec::new() };
        self.modules.push(module);
        for mut item in items.into_iter().filter(|item| !attributes(item).iter().any(is_for_tests)) {
            if let Item::Mod(child) = item {
                let name = child.ident.to_string();
                let mut path = self.modules[at].path.clone();
                path.push(name.clone());
                self.modules[at].children.push(name.clone());
                let folder = folder.join(&name);
                match child.content {
                    Some((_, items)) => self.module(file, &folder, path, items),
                    None => self.file(&self.file_of(&folder), &folder, path),
                }
                continue;
            }
            if let Item::Impl(block) = &mut item {
                block.items.retain(
                    |item| !matches!(item, ImplItem::Fn(method) if method.attrs.iter().any(is_for_tests)),
                );
            }
            self.modules[at].items.push(item);
        }
    }

    /// `x.rs`, or else `x/mod.rs`.
    fn file_of(&self, folder: &Path) -> PathBuf {
        let beside = folder.with_extension("rs");
        if (self.read)(&beside).is_some() { beside } else { folder.join("mod.rs") }
    }
}

fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let is_cfg_test = || attribute.parse_args::<syn::Path>().is_ok_and(|argument| argument.is_ident("test"));
    attribute.path().is_ident("test") || (attribute.path().is_ident("cfg") && is_cfg_test())
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(syn::ItemConst { attrs, .. })
        | Item::Enum(syn::ItemEnum { attrs, .. })
        | Item::Fn(syn::ItemFn { attrs, .. })
        | Item::Impl(syn::ItemImpl { attrs, .. })
        | Item::Macro(syn::ItemMacro { attrs, .. })
        | Item::Mod(syn::ItemMod { attrs, .. })
        | Item::Static(syn::ItemStatic { attrs, .. })
        | Item::Struct(syn::ItemStruct { attrs, .. })
        | Item::Trait(syn::ItemTrait { attrs, .. })
        | Item::Type(syn::ItemType { attrs, .. })
        | Item::Use(syn::ItemUse { attrs, .. }) => attrs,
        _ => &[],
    }
}
