import { LabService } from './lab-service.js';
import { serve } from './serve.js';
import * as relaxed from './wasm/lab/relaxed/othello_lens.js';
import * as simd128 from './wasm/lab/simd128/othello_lens.js';

serve(new LabService({ relaxed, simd128 }));
