//! Which cipher protects the packets, and how two ends agree on one (spec section 6.4).

/// What protects the packets of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// Nothing does.
    Null,
    /// AES-256-GCM, which every peer knows.
    Aes256Gcm,
    /// ChaCha20-Poly1305, between two gamesockets peers only.
    ChaCha20Poly1305,
}

impl Cipher {
    /// The number in the list of ciphers.
    ///
    /// ChaCha20-Poly1305 has a private number, far from those that GNS may one day give out. GNS drops cipher numbers
    /// that it does not know while parsing (spec section 2.4), so it sees the list as if we had not offered it.
    pub const fn number(self) -> i32 {
        match self {
            Self::Null => 1,
            Self::Aes256Gcm => 2,
            Self::ChaCha20Poly1305 => 7001,
        }
    }

    /// The cipher with that number, if we know it.
    pub const fn from_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Null),
            2 => Some(Self::Aes256Gcm),
            7001 => Some(Self::ChaCha20Poly1305),
            _ => None,
        }
    }
}

/// Whether this machine's processor has instructions for AES-GCM; without them ChaCha20-Poly1305 is several times faster.
pub fn aes_is_fast() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let fast = std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    let fast = std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    let fast = false;
    fast
}

/// The ciphers we take, best first, for a value of the option Unencrypted. Without its ChaCha20-Poly1305, which stands
/// beside AES-256-GCM, this is the list of GNS.
pub fn offer_list(unencrypted: u8, aes_is_fast: bool) -> Vec<Cipher> {
    let encrypted = if aes_is_fast {
        [Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305]
    } else {
        [Cipher::ChaCha20Poly1305, Cipher::Aes256Gcm]
    };
    match unencrypted {
        1 => [&encrypted[..], &[Cipher::Null]].concat(),
        2 => [&[Cipher::Null], &encrypted[..]].concat(),
        3 => vec![Cipher::Null],
        _ => encrypted.to_vec(),
    }
}

/// The ciphers of a peer's list, whatever its length. Numbers that we do not know are as good as not there (spec section
/// 2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferedCiphers {
    /// How many entries there were, those with number 0 included: it has a name in the schema, "invalid", so it is not
    /// dropped from a list; it just never matches.
    count: usize,
    null: bool,
    aes: bool,
    chacha: bool,
}

impl OfferedCiphers {
    /// Reads a list of numbers.
    pub fn read(numbers: &[i32]) -> Self {
        let mut offered = Self::default();
        for &number in numbers {
            match Cipher::from_number(number) {
                Some(cipher) => *offered.flag(cipher) = true,
                None if number == 0 => {}
                None => continue,
            }
            offered.count += 1;
        }
        offered
    }

    fn contains(mut self, cipher: Cipher) -> bool {
        *self.flag(cipher)
    }

    fn flag(&mut self, cipher: Cipher) -> &mut bool {
        match cipher {
            Cipher::Null => &mut self.null,
            Cipher::Aes256Gcm => &mut self.aes,
            Cipher::ChaCha20Poly1305 => &mut self.chacha,
        }
    }
}

/// The server's choice: the first of its `own` list that the client `offered`.
pub fn choose(own: &[Cipher], offered: OfferedCiphers) -> Option<Cipher> {
    if offered.count == 0 {
        return own.contains(&Cipher::Aes256Gcm).then_some(Cipher::Aes256Gcm);
    }
    own.iter().copied().find(|&cipher| offered.contains(cipher))
}

/// The client's check of the server's choice: exactly one cipher, out of its `own` list.
pub fn chosen(own: &[Cipher], answered: OfferedCiphers) -> Option<Cipher> {
    own.iter().copied().find(|&cipher| answered.count == 1 && answered.contains(cipher))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AES: i32 = 2;
    const NULL: i32 = 1;
    const CHACHA: i32 = 7001;

    fn choose(own: &[Cipher], offered: &[i32]) -> Option<Cipher> {
        super::choose(own, OfferedCiphers::read(offered))
    }

    fn chosen(own: &[Cipher], answered: &[i32]) -> Option<Cipher> {
        super::chosen(own, OfferedCiphers::read(answered))
    }

    #[test]
    fn the_table_of_the_spec() {
        let offers: [&[i32]; 4] = [&[AES], &[NULL], &[AES, NULL], &[NULL, AES]];
        let (aes, null) = (Some(Cipher::Aes256Gcm), Some(Cipher::Null));
        let table = [[aes, None, aes, aes], [aes, null, aes, aes], [aes, null, null, null], [None, null, null, null]];
        for (unencrypted, row) in table.into_iter().enumerate() {
            for (offer, expected) in offers.into_iter().zip(row) {
                for aes_is_fast in [true, false] {
                    let own = offer_list(unencrypted as u8, aes_is_fast);
                    assert_eq!(choose(&own, offer), expected, "{unencrypted} {offer:?}");
                }
            }
        }
    }

    #[test]
    fn what_gns_sees_of_our_offer_is_its_own_list() {
        let lists: [&[i32]; 4] = [&[AES], &[AES, NULL], &[NULL, AES], &[NULL]];
        for (unencrypted, expected) in lists.into_iter().enumerate() {
            for aes_is_fast in [true, false] {
                let seen: Vec<i32> = offer_list(unencrypted as u8, aes_is_fast)
                    .into_iter()
                    .map(Cipher::number)
                    .filter(|number| (0..=2).contains(number))
                    .collect();
                assert_eq!(seen, expected);
            }
        }
    }

    #[test]
    fn between_our_own_peers_the_server_decides() {
        let numbers = |list: Vec<Cipher>| list.into_iter().map(Cipher::number).collect::<Vec<_>>();
        for client_is_fast in [true, false] {
            let offer = numbers(offer_list(0, client_is_fast));
            assert_eq!(choose(&offer_list(0, true), &offer), Some(Cipher::Aes256Gcm));
            assert_eq!(choose(&offer_list(0, false), &offer), Some(Cipher::ChaCha20Poly1305));
            assert_eq!(choose(&offer_list(2, false), &offer), Some(Cipher::ChaCha20Poly1305));
            assert_eq!(choose(&offer_list(3, false), &offer), None);
        }
    }

    #[test]
    fn an_empty_or_unknown_offer_means_aes() {
        for offer in [&[][..], &[3], &[-1, 99, 7002]] {
            assert_eq!(choose(&offer_list(0, false), offer), Some(Cipher::Aes256Gcm));
            assert_eq!(choose(&offer_list(2, false), offer), Some(Cipher::Aes256Gcm));
            assert_eq!(choose(&offer_list(3, false), offer), None);
        }
        assert_eq!(choose(&offer_list(0, true), &[0]), None);
    }

    #[test]
    fn the_client_takes_exactly_one_of_its_own() {
        let own = offer_list(1, true);
        assert_eq!(chosen(&own, &[AES]), Some(Cipher::Aes256Gcm));
        assert_eq!(chosen(&own, &[CHACHA]), Some(Cipher::ChaCha20Poly1305));
        assert_eq!(chosen(&own, &[99, NULL]), Some(Cipher::Null));
        assert_eq!(chosen(&own, &[]), None);
        assert_eq!(chosen(&own, &[99]), None);
        assert_eq!(chosen(&own, &[AES, NULL]), None);
        assert_eq!(chosen(&own, &[0]), None);
        assert_eq!(chosen(&offer_list(0, true), &[NULL]), None);
    }

    #[test]
    fn numbers_and_ciphers_are_one_to_one() {
        for cipher in [Cipher::Null, Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305] {
            assert_eq!(Cipher::from_number(cipher.number()), Some(cipher));
        }
        assert_eq!(Cipher::from_number(0), None);
    }
}
