//! From bytes to units.

use super::share::Units;

const READ_BYTES: usize = 4096;
const WRITE_BYTES: usize = 1024;

/// How an item is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    Eventual,
    Strong,
    Transactional,
}

/// What is not there is read, and costs as much as something small.
pub(super) fn read(bytes: usize, consistency: Consistency) -> Units {
    let blocks = blocks(bytes, READ_BYTES);
    match consistency {
        Consistency::Eventual => Units::halves(blocks),
        Consistency::Strong => Units::whole(blocks),
        Consistency::Transactional => Units::whole(2 * blocks),
    }
}

pub(super) fn write(bytes: usize) -> Units {
    Units::whole(blocks(bytes, WRITE_BYTES))
}

pub(super) fn write_in_transaction(bytes: usize) -> Units {
    write(bytes) + write(bytes)
}

fn blocks(bytes: usize, block: usize) -> u64 {
    u64::try_from(bytes.div_ceil(block).max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        for (bytes, eventual, strong, transactional, written) in [
            (0, 1, 2, 4, 2),
            (1, 1, 2, 4, 2),
            (1024, 1, 2, 4, 2),
            (1025, 1, 2, 4, 4),
            (4096, 1, 2, 4, 8),
            (4097, 2, 4, 8, 10),
        ] {
            let read = |consistency| read(bytes, consistency).in_halves();
            assert_eq!(read(Consistency::Eventual), eventual, "{bytes}");
            assert_eq!(read(Consistency::Strong), strong, "{bytes}");
            assert_eq!(read(Consistency::Transactional), transactional, "{bytes}");
            assert_eq!(write(bytes).in_halves(), written, "{bytes}");
            assert_eq!(write_in_transaction(bytes).in_halves(), 2 * written, "{bytes}");
        }
    }
}
