//! CRC-32C, the checksum of iSCSI, ext4 and many logs (Castagnoli's polynomial, RFC 3720,
//! appendix B.4). It finds every single flipped bit and every burst of up to 32.

const POLYNOMIAL: u32 = 0x82F6_3B78;

/// What a byte becomes when so many zero bytes follow it.
const TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL * (crc & 1));
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before: u32 = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
}

/// The checksum of `bytes`; `before` is that of what stands before them, or 0.
pub(super) fn crc32c(before: u32, bytes: &[u8]) -> u32 {
    let mut crc = !before;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let state = crc.to_le_bytes();
        crc = 0;
        for (place, byte) in word.iter().enumerate() {
            let byte = byte ^ state.get(place).copied().unwrap_or(0);
            crc ^= TABLES[7 - place][byte as usize];
        }
    }
    for byte in words.remainder() {
        crc = (crc >> 8) ^ TABLES[0][((crc ^ u32::from(*byte)) & 0xFF) as usize];
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3720, appendix B.4, and the usual check value.
    #[test]
    fn values_are_those_of_the_standard() {
        assert_eq!(crc32c(0, b"123456789"), 0xE306_9283);
        assert_eq!(crc32c(0, &[0; 32]), 0x8A91_36AA);
        assert_eq!(crc32c(0, &[0xFF; 32]), 0x62A8_AB43);
        let rising: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(0, &rising), 0x46DD_794E);
        assert_eq!(crc32c(0, &[]), 0);
    }

    #[test]
    fn parts_give_what_the_whole_gives() {
        let bytes: Vec<u8> = (0..100).map(|n: u8| n.wrapping_mul(37)).collect();
        for cut in 0..=bytes.len() {
            assert_eq!(crc32c(crc32c(0, &bytes[..cut]), &bytes[cut..]), crc32c(0, &bytes));
        }
    }
}
