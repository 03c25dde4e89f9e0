/**
 * The chart for the README, as SVG: maps of 10,000 entries on the left, whole calls on the right,
 * and for each work a bar of every subject. The scale is logarithmic, since costs lie a factor of
 * ten thousand apart. The same figures give the same bytes.
 */
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts';
import { costOf, MAP_SUBJECTS, type Figure, type MapSubject } from './figures.js';
import { CALL_WORKS } from './measure-calls.js';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 1_000;
const HEIGHT = 620;

const KIND = 'u64->u64 10000';
const MAP_WORKS = ['get', 'insert', 'overwrite', 'remove', 'pop first', 'scan 100', 'iterate'];

const SUBJECT_NAMES: Readonly<Record<MapSubject, string>> = {
  ours: 'BTreeMap (this library)',
  'azle-json': 'StableBTreeMap (Azle, JSON)',
  'azle-raw': 'StableBTreeMap (Azle, raw bytes)',
};
const COLOURS: Readonly<Record<MapSubject, string>> = {
  ours: '#2f6f4f',
  'azle-json': '#d08c60',
  'azle-raw': '#e3c9a8',
};

/** One half of the chart: its works, by the names that they have there and in the figures. */
interface Panel {
  readonly title: string;
  readonly works: readonly (readonly [name: string, work: string])[];
  readonly left: number;
}

const PANELS: readonly Panel[] = [
  {
    title: 'A map of 10,000 entries, u64 to u64: an operation',
    works: MAP_WORKS.map((work) => [work, `${work} ${KIND}`]),
    left: 80,
  },
  {
    title: 'Whole calls through Candid: a call',
    works: CALL_WORKS.map((work) => [work.replace('scan page of', 'scan'), work]),
    left: 620,
  },
];

/** The chart's SVG. What was not measured has no bar. */
export function chartOf(figures: readonly Figure[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption(optionOf(figures));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${withoutCounters(svg)}\n`;
}

/** The names of classes count what the process has drawn so far. Here they count from 0. */
function withoutCounters(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replaceAll(/\bzr\d+-cls-\d+/g, (name) => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return `bar-${number}`;
  });
}

function optionOf(figures: readonly Figure[]): EChartsOption {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    title: PANELS.map(({ title, left }) => ({
      text: title,
      left: left - 60,
      top: 44,
      textStyle: { fontSize: 14, fontWeight: 'normal' },
    })),
    // Without fonts the widths of texts are guesses, and those of the legend are too small.
    legend: { top: 8, itemGap: 60, data: MAP_SUBJECTS.map((subject) => SUBJECT_NAMES[subject]) },
    grid: PANELS.map(({ left }) => ({ left, top: 76, bottom: 36, width: 320 })),
    xAxis: PANELS.map((_, gridIndex) => ({
      gridIndex,
      type: 'log',
      min: 1_000,
      name: 'instructions',
      nameLocation: 'middle',
      nameGap: 24,
      axisLabel: { formatter: short },
      splitLine: { lineStyle: { color: '#eeeeee' } },
    })),
    yAxis: PANELS.map(({ works }, gridIndex) => ({
      gridIndex,
      type: 'category',
      inverse: true,
      axisTick: { show: false },
      data: works.map(([name]) => name),
    })),
    series: PANELS.flatMap(({ works }, index) =>
      MAP_SUBJECTS.map((subject) => ({
        type: 'bar' as const,
        name: SUBJECT_NAMES[subject],
        xAxisIndex: index,
        yAxisIndex: index,
        itemStyle: { color: COLOURS[subject] },
        label: { show: true, position: 'right' as const, fontSize: 10, formatter: labelOf },
        data: works.map(([, work]) => costOf(figures, work, subject) ?? null),
      })),
    ),
  };
}

function labelOf({ value }: { readonly value?: unknown }): string {
  return typeof value === 'number' ? short(value) : '';
}

/** A number of instructions in three digits or less. */
export function short(instructions: number): string {
  const units = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const;
  const [size, unit] = units.find(([least]) => instructions >= least) ?? [1, ''];
  return `${Number((instructions / size).toPrecision(3))}${unit}`;
}
