use super::{Path, Tree, leaf, root_by_path};
use crate::Digest;
use proptest::prelude::*;

/// The leaves of the tests of the reference implementation of RFC 6962, and the roots of trees of the first n.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// From the same tests: leaf (from 0), leaves, path.
const PATHS: [(u64, u64, &[&str]); 2] = [
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn numbered(count: u64) -> Vec<Digest> {
    (0..count).map(|at| leaf(&at.to_le_bytes())).collect()
}

fn path(number: u64, leaves: &[Digest]) -> Vec<Digest> {
    let mut path = Path::new(number, leaves.len() as u64);
    leaves.iter().for_each(|&leaf| path.push(leaf));
    path.finish()
}

#[test]
fn roots_are_those_of_rfc_6962() {
    for (count, root) in ROOTS.iter().enumerate() {
        let tree: Tree = LEAVES[..count].iter().map(|it| leaf(it)).collect();
        assert_eq!(tree.root().to_string(), *root, "{count} leaves");
    }
}

#[test]
fn paths_are_those_of_rfc_6962() {
    for (number, count, expected) in PATHS {
        let leaves: Vec<Digest> = LEAVES[..count as usize].iter().map(|it| leaf(it)).collect();
        let found: Vec<String> = path(number, &leaves)
            .iter()
            .map(Digest::to_string)
            .collect();
        assert_eq!(found, expected, "leaf {number} of {count}");
    }
}

#[test]
fn each_leaf_of_each_small_tree_has_its_path() {
    for count in 1..70 {
        let leaves = numbered(count);
        let root = leaves.iter().copied().collect::<Tree>().root();
        for number in 0..count {
            let leaf = leaves[number as usize];
            let path = path(number, &leaves);
            assert_eq!(root_by_path(leaf, number, count, &path), Some(root));
            let foreign = super::leaf(b"foreign");
            assert_ne!(root_by_path(foreign, number, count, &path), Some(root));
            for other in (0..count).filter(|&it| it != number) {
                assert_ne!(root_by_path(leaf, other, count, &path), Some(root));
            }
        }
    }
}

#[test]
fn a_path_of_another_length_leads_nowhere() {
    let leaves = numbered(5);
    let root = leaves.iter().copied().collect::<Tree>().root();
    let mut path = path(2, &leaves);
    path.push(root);
    assert_eq!(root_by_path(leaves[2], 2, 5, &path), None);
    assert_eq!(root_by_path(leaves[2], 2, 5, &path[..2]), None);
    assert_eq!(root_by_path(leaves[2], 5, 5, &path[..3]), None);
    assert_eq!(root_by_path(leaves[2], 0, 0, &[]), None);
}

proptest! {
    #[test]
    fn any_numbers_and_path_are_looked_at(number: u64, count: u64, length in 0_usize..70) {
        let path = vec![leaf(b"x"); length];
        let _ = root_by_path(leaf(b"y"), number, count, &path);
    }
}
