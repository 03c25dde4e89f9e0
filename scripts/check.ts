/**
 * Types, lint and format, all at once, since each keeps one core busy. What one of them has to say
 * is printed when it ends; the exit code is 0 only if all are content.
 *
 *     npm run check              all of it
 *     npm run check:types        one of them
 */
import { execFile } from 'node:child_process';

const CHECKS = ['check:types', 'check:lint', 'check:format'];

const results = await Promise.all(CHECKS.map(run));
if (results.includes(false)) process.exitCode = 1;

/** Whether an npm script ends well. */
function run(script: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', script], (error, stdout, stderr) => {
      const verdict = error === null ? 'is content' : 'found something';
      console.log(`${stdout}${stderr}${script} ${verdict}`);
      resolve(error === null);
    });
  });
}
