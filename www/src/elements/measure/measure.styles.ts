import { css } from 'lit';

export const styles = css`
  form {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 14px;
    align-items: center;
    margin: 12px 0;
  }
  input {
    width: 6.5em;
  }
  progress {
    width: min(100%, 420px);
  }
  .about {
    color: var(--soft);
    font-size: var(--size-small);
  }
  .fault {
    color: var(--warn);
  }
`;
