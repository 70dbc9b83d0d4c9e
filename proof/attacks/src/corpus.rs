//! All cases, built into the program.

use crate::case::Case;
use anyhow::Context;

macro_rules! cases {
    ($($id:literal)*) => {
        /// Every case of the specification (trust.md §3).
        pub const IDS: &[&str] = &[$($id),*];
        const FILES: &[&str] = &[$(include_str!(concat!("../cases/", $id, ".toml"))),*];
    };
}

cases! {
    "A01" "A02" "A03" "A04" "A05" "A06" "A07" "A08" "A09" "A10" "A11" "A12" "A13" "A14" "A15" "A16" "A17"
    "A18" "A19" "A20" "A21" "A22" "A23" "A24" "A25" "A26" "A27" "A28" "A29" "A30" "A31" "A32" "A33" "A34"
    "A35" "A36" "A37" "A38" "A39" "A40" "A41" "A42" "A43" "A44" "A45" "A46" "A47" "A48" "A49" "A50" "A51"
    "A52" "A53" "A54" "A55" "A56" "A57" "A58" "A59" "A60" "A61" "A62" "A63" "A64" "A65" "A66" "A67" "A68"
    "A69" "A70" "A71" "A72" "A73" "A74" "A75" "A76" "A77" "A78" "A79" "A80" "A81" "A82" "A83" "A84" "A85"
    "A86" "A87" "A88" "A89" "A90" "A91" "A92" "A93" "A94" "A95" "A96" "A97" "A98" "A99" "A100" "A101" "A102"
    "A103" "A104" "A105" "A106" "A107" "A108" "A109" "A110" "A111" "A112" "A113" "A114" "A115" "A116" "A117"
    "A118" "A119" "A120" "A121" "A122" "A123" "A124" "A125" "A126" "A127" "A128" "A129" "A130" "A131" "A132"
}

/// Reads the whole corpus, in the order of its numbers.
///
/// # Errors
/// A file that cannot be read, or one that says another id than its name.
pub fn corpus() -> anyhow::Result<Vec<Case>> {
    let read = |(id, text): (&&str, &&str)| {
        let case = Case::parse(text).with_context(|| format!("cases/{id}.toml"))?;
        anyhow::ensure!(case.id == **id, "cases/{id}.toml says {}", case.id);
        Ok(case)
    };
    IDS.iter().zip(FILES).map(read).collect()
}

/// Reads one case.
///
/// # Errors
/// There is none of this id.
pub fn find(id: &str) -> anyhow::Result<Case> {
    let place = IDS.iter().position(|known| known.eq_ignore_ascii_case(id));
    let text = place.and_then(|place| FILES.get(place));
    Case::parse(text.with_context(|| format!("沒有 {id} 這個案例：jinliu lab list"))?)
}

/// A case's file as it was written.
#[must_use]
pub fn source(id: &str) -> Option<&'static str> {
    let mut all = IDS.iter().zip(FILES);
    all.find(|(known, _)| **known == id).map(|(_, text)| *text)
}
