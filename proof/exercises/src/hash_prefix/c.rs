use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    // As numbers, so that upper and lower case do not matter.
    let number = |hex: &str| u128::from_str_radix(hex, 16).ok();
    let ours = number(&shop.keys.hash(text));
    let theirs = number(form.need("HashInfo")?);
    if ours != theirs {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
