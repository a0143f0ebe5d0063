import { attempt, expect, FEATURES, load, test } from './api.js';

test('a GPU in software is not chosen by itself', async ({ open }) => {
  const { value } = await load(await open());
  expect(value?.engine.kind).toBe('cpu');
  expect(value?.engine.reason).toMatch(/swiftshader.*computes on the CPU/i);
});

test('a GPU in software can be forced', async ({ open }) => {
  const { value } = await load(await open(), { device: 'gpu' });
  expect(value).toMatchObject({ engine: { kind: 'gpu', reason: null }, plies: 4, features: [3, FEATURES] });
  expect(value?.engine.name).toMatch(/swiftshader/i);
});

test('an adapter that is refused leaves the CPU', async ({ host, open }) => {
  const refusal = 'navigator.gpu.requestAdapter = async () => null;';
  host.fail(/worker\.js$/, { body: (file) => Buffer.concat([Buffer.from(refusal), file]) });
  const page = await open();
  const { value } = await load(page);
  expect(value?.engine.kind).toBe('cpu');
  expect(value?.engine.reason).toContain('no WebGPU adapter');
  expect((await load(page, { device: 'gpu' })).error).toMatchObject({ code: 'gpu_unavailable' });
});

test('a device lost in the middle of a run is made up for on the CPU within the call', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const [lens, cpu] = await Promise.all([
      api.Lens.load('/models/small/', { device: 'gpu' }),
      api.Lens.load('/models/small/', { device: 'cpu' }),
    ]);
    const options = { dictionary: lens.dictionaries[0]?.id ?? null };
    const before = await lens.analyse('f5d6', options);
    const underWay = lens.analyse('f5d6c3d3c4f4f6', options);
    // Not among the package's types.
    await (lens as unknown as { destroyDevice(): Promise<void> }).destroyDevice();
    const after = await underWay;
    const expected = await cpu.analyse('f5d6c3d3c4f4f6', options);
    const next = await lens.append(after.positions.at(-1)?.legal[0] ?? -1);
    const found = after.features?.data ?? new Float32Array();
    return {
      kinds: [before.engine.kind, after.engine.kind, next.engine.kind],
      reason: lens.engine.reason,
      computed: [after.computed, next.computed],
      difference: Math.max(
        ...found.map((value, index) => Math.abs(value - (expected.features?.data[index] ?? 99))),
      ),
    };
  });
  expect(value).toMatchObject({ kinds: ['gpu', 'cpu', 'cpu'], computed: [7, 1] });
  expect(value?.reason).toContain('lost');
  expect(value?.difference).toBeLessThan(1e-3);
});
