// Copies the rows of the input into columns of the output, one vec4 an invocation.
//
// Constants: QUADS (width of the input / 4), INPUT_QUADS and OUTPUT_QUADS (padded widths / 4), AT (first
// column of the output / 4), X and Y (workgroup size).

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(X, Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let quad = id.x;
    let row = rows.first + id.y;
    if quad >= QUADS || row >= rows.end {
        return;
    }
    output[row * OUTPUT_QUADS + AT + quad] = input[row * INPUT_QUADS + quad];
}
