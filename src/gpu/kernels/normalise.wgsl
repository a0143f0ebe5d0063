// LayerNorm: LANES invocations share a row, a workgroup holds ROWS of them.
//
// The variance is a second pass over the row: the mean of squares less the square of the mean loses
// digits where the mean is large.
//
// Constants: WIDTH, QUADS (WIDTH / 4), EPS, UNBIASED_STD, LANES, ROWS.

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
// [2, QUADS]: scale, shift.
@group(0) @binding(2) var<storage, read> affine: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

var<workgroup> partial: array<f32, LANES * ROWS>;

// The sum over the invocations that share a row; every invocation of the workgroup must call it.
fn sum_over_row(lane: u32, local_row: u32, value: vec4f) -> f32 {
    let own = value.x + value.y + value.z + value.w;
    if LANES == 1 {
        return own;
    }
    workgroupBarrier();
    partial[local_row * LANES + lane] = own;
    workgroupBarrier();
    var sum = 0.0;
    for (var other = 0u; other < LANES; other++) {
        sum += partial[local_row * LANES + other];
    }
    return sum;
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let lane = local.x;
    let row = rows.first + group.y * ROWS + local.y;
    // A row beyond the pass is computed as the last one and not stored: no invocation may skip a barrier.
    let start = min(row, rows.end - 1) * QUADS;

    var sum = vec4f();
    for (var quad = lane; quad < QUADS; quad += LANES) {
        sum += input[start + quad];
    }
    let mean = sum_over_row(lane, local.y, sum) / f32(WIDTH);

    var squares = vec4f();
    for (var quad = lane; quad < QUADS; quad += LANES) {
        let centred = input[start + quad] - mean;
        squares += centred * centred;
    }
    let square = sum_over_row(lane, local.y, squares);

    var factor = 0.0;
    if UNBIASED_STD {
        factor = 1.0 / (sqrt(square / f32(WIDTH - 1)) + EPS);
    } else {
        factor = 1.0 / sqrt(square / f32(WIDTH) + EPS);
    }
    if row < rows.end {
        for (var quad = lane; quad < QUADS; quad += LANES) {
            let centred = input[start + quad] - mean;
            output[start + quad] = centred * factor * affine[quad] + affine[QUADS + quad];
        }
    }
}
