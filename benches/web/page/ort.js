const DIST = '/benches/web/node_modules/onnxruntime-web/dist';

/**
 * A session of ONNX Runtime Web, as a user gets it: default options, all graph optimisations.
 *
 * @param {string} model address of the .onnx file
 * @param {'cpu' | 'gpu'} device
 */
export async function openOrt(model, device) {
  const ort = await import(`${DIST}/ort.${device === 'gpu' ? 'webgpu' : 'wasm'}.bundle.min.mjs`);
  ort.env.wasm.wasmPaths = `${DIST}/`;
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [device === 'gpu' ? 'webgpu' : 'wasm'],
    graphOptimizationLevel: 'all',
  });
  return {
    version: ort.env.versions.web,
    /** @param {bigint[]} tokens @returns {Promise<Float32Array>} logits, `[59, 61]` */
    async run(tokens) {
      const input = new ort.Tensor('int64', BigInt64Array.from(tokens), [1, tokens.length]);
      const { logits } = await session.run({ tokens: input });
      return logits.getData();
    },
    close: () => session.release(),
  };
}
