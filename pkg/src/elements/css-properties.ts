import { noChange } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';

/** CSS custom properties by name; null leaves one unset. */
type CssProperties = Readonly<Record<`--${string}`, number | string | null>>;

class CssPropertiesDirective extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT)
      throw new Error('cssProperties stands where an attribute would, alone');
  }

  override render(_properties: CssProperties): typeof noChange {
    return noChange;
  }

  override update({ element }: ElementPart, [properties]: [CssProperties]): typeof noChange {
    const { style } = element as HTMLElement | SVGElement;
    for (const [name, value] of Object.entries(properties)) {
      if (value === null) style.removeProperty(name);
      else style.setProperty(name, String(value));
    }
    return noChange;
  }
}

/**
 * Sets custom properties of the element that it stands in: `<i ${cssProperties({ '--share': 0.4 })}></i>`.
 *
 * It goes through the element's style object. A `style` attribute, which lit's own `styleMap` begins with,
 * is refused under a policy of `style-src 'self'`.
 */
export const cssProperties = directive(CssPropertiesDirective);
