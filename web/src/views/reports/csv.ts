export * from '../../lib/csv';
