import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-block;
    vertical-align: baseline;
  }
  button {
    position: relative;
    width: 18px;
    height: 18px;
    padding: 0;
    font: italic 12px/1 Georgia, 'Times New Roman', 'DejaVu Serif', serif;
    color: var(--soft);
    background: none;
    border: 1px solid var(--line);
    border-radius: 50%;
    cursor: pointer;
  }
  /* A finger needs more than the eye. */
  button::after {
    content: '';
    position: absolute;
    inset: -5px;
  }
  button:hover {
    color: var(--accent);
    border-color: var(--accent);
  }
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 12px 14px;
    font: 13px/1.45 Inter, system-ui, sans-serif;
    letter-spacing: normal;
    text-align: left;
    white-space: normal;
    color: var(--ink);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
  b {
    font-weight: 600;
  }
  math {
    margin: 10px 0;
    font-size: 17px;
    overflow-x: auto;
    overflow-y: hidden;
  }
  p {
    color: var(--soft);
  }
`;
