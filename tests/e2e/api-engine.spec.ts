import { expect, load, test } from './api.js';

test('without WebGPU the CPU engine runs and says why', async ({ open }) => {
  const { value } = await load(await open());
  expect(value?.engine).toMatchObject({ kind: 'cpu', name: 'WebAssembly relaxed SIMD' });
  expect(value?.engine.reason).toContain('no WebGPU');
});

test('without WebGPU the GPU cannot be forced', async ({ open }) => {
  const { error } = await load(await open(), { device: 'gpu' });
  expect(error).toMatchObject({ name: 'LensError', code: 'gpu_unavailable' });
});

test('a device that does not exist is refused', async ({ open }) => {
  expect((await load(await open(), { device: 'tpu' as 'gpu' })).error).toMatchObject({
    code: 'bad_argument',
  });
});
