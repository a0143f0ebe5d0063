// Causal attention: one head of one row is the work of SLICES invocations, each of which takes every
// SLICES-th key and keeps a running softmax (Milakov and Gimelshein, 1805.02867); they are merged
// through workgroup memory. A line with $c is written once for every vec4 of a head, one with $p only
// where the pattern is to be left.
//
// Constants: CONTEXT (rows of every buffer), HEADS, HEAD_QUADS (d_head / 4), QKV_QUADS (padded width of a row / 4),
// OUTPUT_QUADS, SCALE, PATTERN_STRIDE (padded width of a row of the pattern), SLICES, ROWS (rows a
// workgroup).

// Less than any score, and far enough from the end of f32 that differences stay finite.
const LEAST = -1e30;

@group(0) @binding(0) var<uniform> rows: Rows;
// [rows, QKV_QUADS]: the queries of all heads, then the keys, then the values.
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> pattern: array<f32>; // $p

var<workgroup> greatest: array<f32, SLICES * ROWS>;
var<workgroup> total: array<f32, SLICES * ROWS>;
var<workgroup> gathered: array<vec4f, SLICES * ROWS * HEAD_QUADS>;

@compute @workgroup_size(SLICES, ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let slice = local.x;
    let head = group.x;
    let row = rows.first + group.y * ROWS + local.y;
    let stored = row < rows.end;
    // A row beyond the pass is computed as the last one and not stored.
    let ply = min(row, rows.end - 1);

    let q_at = ply * QKV_QUADS + head * HEAD_QUADS;
    let q$c = SCALE * qkv[q_at + $c];
    var own_greatest = LEAST;
    var own_total = 0.0;
    var own_read$c = vec4f();
    for (var key = slice; key <= ply; key += SLICES) {
        let k_at = key * QKV_QUADS + (HEADS + head) * HEAD_QUADS;
        let v_at = k_at + HEADS * HEAD_QUADS;
        var score = 0.0;
        score += dot(q$c, qkv[k_at + $c]);
        if stored { // $p
            pattern[row * PATTERN_STRIDE + head * CONTEXT + key] = score; // $p
        } // $p
        let new_greatest = max(own_greatest, score);
        let shrink = exp(own_greatest - new_greatest);
        let weight = exp(score - new_greatest);
        own_greatest = new_greatest;
        own_total = own_total * shrink + weight;
        own_read$c = own_read$c * shrink + weight * qkv[v_at + $c];
    }

    let out_at = row * OUTPUT_QUADS + head * HEAD_QUADS;
    var all_greatest = own_greatest;
    var all_total = own_total;
    if SLICES == 1 {
        if stored {
            let factor = 1.0 / own_total;
            output[out_at + $c] = own_read$c * factor;
        }
    } else {
        let here = local.y * SLICES;
        greatest[here + slice] = own_greatest;
        total[here + slice] = own_total;
        gathered[(here + slice) * HEAD_QUADS + $c] = own_read$c;
        workgroupBarrier();
        for (var other = 0u; other < SLICES; other++) {
            all_greatest = max(all_greatest, greatest[here + other]);
        }
        all_total = 0.0;
        for (var other = 0u; other < SLICES; other++) {
            all_total += total[here + other] * exp(greatest[here + other] - all_greatest);
        }
        if stored {
            for (var quad = slice; quad < HEAD_QUADS; quad += SLICES) {
                var sum = vec4f();
                for (var other = 0u; other < SLICES; other++) {
                    let factor = exp(greatest[here + other] - all_greatest) / all_total;
                    sum += gathered[(here + other) * HEAD_QUADS + quad] * factor;
                }
                output[out_at + quad] = sum;
            }
        }
    }

    if stored { // $p
        for (var key = slice; key < CONTEXT; key += SLICES) { // $p
            let at = row * PATTERN_STRIDE + head * CONTEXT + key; // $p
            if key <= ply { // $p
                pattern[at] = exp(pattern[at] - all_greatest) / all_total; // $p
            } else { // $p
                pattern[at] = 0.0; // $p
            } // $p
        } // $p
    } // $p
}
