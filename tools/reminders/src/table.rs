//! Columns for people: aligned by what a character takes on the screen, which for a Chinese one is two.

use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn with_head(head: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(head.iter().map(|name| (*name).to_owned()));
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // A cell is one line.
        self.rows.push(cells.into_iter().map(|cell| cell.replace('\n', " ")).collect());
    }

    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max())
            .map(Option::unwrap_or_default)
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width - cell.width()));
                line.push_str(GAP);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_where_a_screen_has_them() {
        let mut table = Table::with_head(&["状态", "what"]);
        table.row(["ok".to_owned(), "护照".to_owned()]);
        table.row(["已取消".to_owned(), "two\nlines".to_owned()]);
        table.row(["short".to_owned()]);
        assert_eq!(table.render(), "状态    what\nok      护照\n已取消  two lines\nshort\n");
    }
}
