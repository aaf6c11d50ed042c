// What the pages use of it; written here, for the bundle ships no types.
export const html: (strings: TemplateStringsArray, ...values: any[]) => any;
export const render: (tree: any, into: Element) => void;
export const h: (...parts: any[]) => any;
export const Component: any;
export const createContext: <T>(value: T) => any;
export const useState: <T>(first: T | (() => T)) => [T, (next: T | ((old: T) => T)) => void];
export const useReducer: (...parts: any[]) => any;
export const useEffect: (act: () => void | (() => void), on?: unknown[]) => void;
export const useLayoutEffect: (act: () => void | (() => void), on?: unknown[]) => void;
export const useRef: <T>(first: T) => { current: T };
export const useMemo: <T>(make: () => T, on?: unknown[]) => T;
export const useCallback: <T>(act: T, on?: unknown[]) => T;
export const useContext: (context: any) => any;
