// Zeroes all but the K largest of each row, in place; of equal values the lower column stays. One
// workgroup a row.
//
// For values that are not negative, the order of the numbers is the order of their bits: the K-th
// largest is found digit by digit (radix select, most significant first).
//
// Constants: K, WIDTH, STRIDE (padded width), LANES.

const RADIX_BITS = 4u;
const RADIX = 16u;

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read_write> buffer: array<f32>;

var<workgroup> bins: array<atomic<u32>, RADIX>;
// The last column at which a value equal to the K-th largest stays.
var<workgroup> last_equal: u32;

// Without the sign: −0 is 0.
fn bits_of(at: u32) -> u32 {
    return bitcast<u32>(buffer[at]) & 0x7fffffffu;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let start = (rows.first + group.y) * STRIDE;

    // What is known of the K-th largest, and how many of the values that share it are to stay.
    var prefix = 0u;
    var known = 0u;
    var wanted = u32(K);
    var sharing = 0u;
    for (var shift = 32u; shift > 0u; shift -= RADIX_BITS) {
        let low = shift - RADIX_BITS;
        if lane < RADIX {
            atomicStore(&bins[lane], 0u);
        }
        workgroupBarrier();
        for (var column = lane; column < WIDTH; column += LANES) {
            let bits = bits_of(start + column);
            if (bits & known) == prefix {
                atomicAdd(&bins[(bits >> low) & (RADIX - 1u)], 1u);
            }
        }
        workgroupBarrier();
        var digit = RADIX - 1u;
        sharing = atomicLoad(&bins[digit]);
        while sharing < wanted && digit > 0u {
            wanted -= sharing;
            digit -= 1u;
            sharing = atomicLoad(&bins[digit]);
        }
        prefix |= digit << low;
        known |= (RADIX - 1u) << low;
        workgroupBarrier();
    }

    if lane == 0u {
        last_equal = WIDTH;
    }
    workgroupBarrier();
    // Only where more share the value than are to stay does their order matter; zeros may all stay.
    if sharing > wanted && prefix > 0u {
        for (var column = lane; column < WIDTH; column += LANES) {
            if bits_of(start + column) == prefix {
                var rank = 1u;
                for (var before = 0u; before < column; before++) {
                    rank += u32(bits_of(start + before) == prefix);
                }
                if rank == wanted {
                    last_equal = column;
                }
            }
        }
    }
    workgroupBarrier();
    let last = last_equal;
    for (var column = lane; column < WIDTH; column += LANES) {
        let bits = bits_of(start + column);
        let stays = bits > prefix || (bits == prefix && column <= last);
        if !stays {
            buffer[start + column] = 0.0;
        }
    }
}
