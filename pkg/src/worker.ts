import { serve } from './serve.js';
import { Service } from './service.js';
import * as relaxed from './wasm/lens/relaxed/othello_lens.js';
import * as simd128 from './wasm/lens/simd128/othello_lens.js';

serve(new Service({ relaxed, simd128 }));
