// output = left + right, one vec4 an invocation.
//
// Constants: QUADS (padded width / 4), X and Y (workgroup size).

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(X, Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let quad = id.x;
    let row = rows.first + id.y;
    if quad >= QUADS || row >= rows.end {
        return;
    }
    let at = row * QUADS + quad;
    output[at] = left[at] + right[at];
}
