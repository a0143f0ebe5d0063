// output[r] = token_table[tokens[r]] + position_table[r], one vec4 an invocation.
//
// Constants: QUADS (d_model / 4), X and Y (workgroup size).

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> token_table: array<vec4f>;
@group(0) @binding(3) var<storage, read> position_table: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(X, Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let quad = id.x;
    let row = rows.first + id.y;
    if quad >= QUADS || row >= rows.end {
        return;
    }
    output[row * QUADS + quad] =
        token_table[tokens[row] * QUADS + quad] + position_table[row * QUADS + quad];
}
