import type { Locator, Page } from '@playwright/test';

/** How many presses of Tab lead through any view. */
const ONCE_AROUND = 150;

/** Somebody who has a keyboard and no mouse. */
export class Keyboard {
  /** How often something was chosen: a link followed, a button pressed, a question asked. */
  activations = 0;

  constructor(readonly page: Page) {}

  /** Presses Tab until the focus is on `target`. */
  async to(target: Locator): Promise<void> {
    for (let presses = 0; presses < ONCE_AROUND; presses++) {
      if (await target.evaluate((element) => element.matches(':focus'))) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab never led to ${target}`);
  }

  /** Goes to a link or a button and presses it. */
  async press(target: Locator): Promise<void> {
    await this.to(target);
    await this.enter();
  }

  /** Presses Enter where the focus is. */
  async enter(): Promise<void> {
    this.activations += 1;
    await this.page.keyboard.press('Enter');
  }

  /** Goes to a field and writes `text` in place of what stands there. */
  async write(target: Locator, text: string): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.type(text);
  }
}
