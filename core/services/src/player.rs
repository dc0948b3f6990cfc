//! Players without an account: a SteamID that follows from a key.

use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"gamesockets steamid 1\0";
/// The price of a key: so many leading zero bits.
const PRICE_BITS: u32 = 14;
const ID_BITS: u32 = 52;
/// Universe 4 (development), account type 9 (console user), which has no rule for the instance.
const HEAD: u64 = 4 << 56 | 9 << 52;

/// The SteamID of the player with this public key; `None` for a key that has not paid the price: about one of 16,384 has.
pub fn derived_steam_id(public_key: &[u8; 32]) -> Option<u64> {
    let hash = Sha256::new().chain_update(DOMAIN).chain_update(public_key).finalize();
    let mut head = [0; 16];
    head.copy_from_slice(&hash[..16]);
    let head = u128::from_be_bytes(head);
    if head.leading_zeros() < PRICE_BITS {
        return None;
    }
    let id = u64::try_from(head >> (128 - PRICE_BITS - ID_BITS)).unwrap_or(0) & ((1 << ID_BITS) - 1);
    // The account, the low half, must not be 0.
    (id & 0xffff_ffff != 0).then_some(HEAD | id)
}

/// Whether a SteamID is of the kind that follows from a key.
pub const fn is_derived(steam_id: u64) -> bool {
    steam_id >> 52 == HEAD >> 52
}

/// The name of a player who has given none.
pub fn default_name(steam_id: u64) -> String {
    format!("Player-{:04X}", steam_id & 0xffff)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn public(number: u64) -> [u8; 32] {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        SigningKey::from_bytes(&seed).verifying_key().to_bytes()
    }

    #[test]
    fn few_keys_pay_the_price_and_always_give_the_same_id() {
        // The hash alone decides: bytes that are no key do as well here.
        let ids: Vec<_> = (0..200_000_u64)
            .filter_map(|number| {
                let mut key = [0; 32];
                key[..8].copy_from_slice(&number.to_le_bytes());
                derived_steam_id(&key).map(|id| (number, id))
            })
            .collect();
        assert!((2..=40).contains(&ids.len()), "about 12: {}", ids.len());
        for (_, id) in &ids {
            assert!(is_derived(*id));
            assert_eq!(id >> 56, 4);
            assert_eq!(id >> 52 & 0xf, 9);
        }
        assert!(derived_steam_id(&public(0)).is_none_or(is_derived));
    }

    #[test]
    fn an_individual_account_is_not_derived() {
        assert!(!is_derived(76_561_197_960_287_930));
        assert_eq!(default_name(0x0490_0000_0000_0abc), "Player-0ABC");
    }
}
