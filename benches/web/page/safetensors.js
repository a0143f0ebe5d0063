/**
 * Reads a safetensors file of f32 and i64 tensors.
 *
 * @param {string} url
 * @returns {Promise<Map<string, { shape: number[], data: Float32Array | BigInt64Array }>>}
 */
export async function safetensors(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  const header = Number(new DataView(bytes).getBigUint64(0, true));
  const entries = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, header)));
  delete entries.__metadata__;
  const types = { F32: Float32Array, I64: BigInt64Array };
  return new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        // Copied: a typed array wants its start aligned.
        const data = new types[dtype](bytes.slice(8 + header + from, 8 + header + to));
        return [name, { shape, data }];
      },
    ),
  );
}
