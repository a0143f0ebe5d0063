use std::borrow::Cow;
use std::fmt::Write as _;

/// A WGSL file and what its bindings are: the rows of the pass, then buffers to read, then buffers to
/// write.
pub(super) struct Kernel {
    pub(super) name: &'static str,
    source: &'static str,
    pub(super) reads: u32,
    pub(super) writes: u32,
}

pub(super) const EMBED: Kernel =
    Kernel { name: "embed", source: include_str!("kernels/embed.wgsl"), reads: 3, writes: 1 };
pub(super) const NORMALISE: Kernel =
    Kernel { name: "normalise", source: include_str!("kernels/normalise.wgsl"), reads: 2, writes: 1 };
pub(super) const LINEAR: Kernel =
    Kernel { name: "linear", source: include_str!("kernels/linear.wgsl"), reads: 4, writes: 1 };
pub(super) const ATTENTION: Kernel =
    Kernel { name: "attention", source: include_str!("kernels/attention.wgsl"), reads: 1, writes: 1 };
/// With the lines that leave the pattern.
pub(super) const ATTENTION_WITH_PATTERN: Kernel = Kernel { writes: 2, ..ATTENTION };
pub(super) const ADD: Kernel =
    Kernel { name: "add", source: include_str!("kernels/add.wgsl"), reads: 2, writes: 1 };
pub(super) const COPY: Kernel =
    Kernel { name: "copy", source: include_str!("kernels/copy.wgsl"), reads: 1, writes: 1 };
pub(super) const KEEP_LARGEST: Kernel =
    Kernel { name: "keep_top_k", source: include_str!("kernels/keep_top_k.wgsl"), reads: 0, writes: 1 };

/// What every kernel knows of the pass: it computes rows `first..end`.
const ROWS: &str = "struct Rows { first: u32, end: u32 }\n";

/// A value written into the source of a kernel, so that the compiler knows every size.
#[derive(Clone, Copy)]
pub(super) enum Constant {
    U32(usize),
    F32(f32),
    Bool(bool),
}

impl Kernel {
    /// The source for `constants`. A line that contains a mark of `repeats`, as `$r`, is written as
    /// often as that says, the mark being replaced by 0, 1, 2, …
    pub(super) fn specialise(&self, constants: &[(&str, Constant)], repeats: &[(&str, usize)]) -> String {
        let mut text = String::from(ROWS);
        for (name, value) in constants {
            // Writing to a `String` cannot fail.
            let _ = match value {
                Constant::U32(value) => writeln!(text, "const {name} = {value}u;"),
                Constant::F32(value) => writeln!(text, "const {name} = {value:?}f;"),
                Constant::Bool(value) => writeln!(text, "const {name} = {value};"),
            };
        }
        for line in self.source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            repeat(line, repeats, &mut text);
        }
        text
    }
}

fn repeat(line: &str, repeats: &[(&str, usize)], text: &mut String) {
    match repeats.split_first() {
        None => {
            text.push_str(line);
            text.push('\n');
        }
        Some(((mark, count), rest)) if line.contains(mark) => {
            for index in 0..*count {
                repeat(&line.replace(mark, &index.to_string()), rest, text);
            }
        }
        Some((_, rest)) => repeat(line, rest, text),
    }
}

pub(super) fn pipeline(
    device: &wgpu::Device,
    name: &str,
    source: &str,
    layout: &wgpu::BindGroupLayout,
) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(source)),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(name),
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: Some(&layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

/// The layout of a kernel's bindings.
pub(super) fn layout(device: &wgpu::Device, reads: u32, writes: u32) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    };
    let storage = |binding| entry(binding, wgpu::BufferBindingType::Storage { read_only: binding <= reads });
    let entries: Vec<_> = std::iter::once(entry(0, wgpu::BufferBindingType::Uniform))
        .chain((1..=reads + writes).map(storage))
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}

#[cfg(test)]
mod tests {
    use super::{Constant, Kernel};

    #[test]
    fn a_marked_line_is_written_once_for_every_value_of_its_marks() {
        let source = "// comment\nlet a$r = 0;\nsum$r_$q += a$r;\nplain;";
        let kernel = Kernel { name: "test", source, reads: 0, writes: 0 };
        let text = kernel.specialise(&[("EPS", Constant::F32(1e-5))], &[("$r", 2), ("$q", 2)]);
        let expected = "const EPS = 1e-5f;\nlet a0 = 0;\nlet a1 = 0;\n\
            sum0_0 += a0;\nsum0_1 += a0;\nsum1_0 += a1;\nsum1_1 += a1;\nplain;\n";
        assert_eq!(text.split_once('\n').map(|(_, rest)| rest), Some(expected));
    }
}
