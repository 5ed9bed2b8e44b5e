import { expect, test } from 'vitest';
import { requestInfo } from '../../../src/sandbox/kube-api/request-info.ts';

const jobs = { group: 'g', version: 'v1', plural: 'jobs' };

test.each([
  {
    method: 'GET',
    path: '/api/v1/pods',
    is: { verb: 'list', group: '', version: 'v1', plural: 'pods' },
  },
  { method: 'GET', path: '/apis/g/v1/jobs?watch=true', is: { ...jobs, verb: 'watch' } },
  { method: 'GET', path: '/apis/g/v1/jobs?watch=0', is: { ...jobs, verb: 'list' } },
  { method: 'GET', path: '/apis/g/v1/watch/jobs', is: { ...jobs, verb: 'watch' } },
  {
    method: 'PUT',
    path: '/apis/g/v1/namespaces/n/jobs/j/status',
    is: { ...jobs, verb: 'update', namespace: 'n', name: 'j', subresource: 'status' },
  },
  {
    method: 'DELETE',
    path: '/apis/g/v1/namespaces/n/jobs',
    is: { ...jobs, verb: 'deletecollection', namespace: 'n' },
  },
  {
    method: 'GET',
    path: '/api/v1/namespaces/n',
    is: { verb: 'get', group: '', version: 'v1', plural: 'namespaces', name: 'n' },
  },
  {
    method: 'PUT',
    path: '/api/v1/namespaces/n/finalize',
    is: {
      verb: 'update',
      group: '',
      version: 'v1',
      plural: 'namespaces',
      name: 'n',
      subresource: 'finalize',
    },
  },
  {
    method: 'GET',
    path: '/api/v1/namespaces/n/configmaps/c?watch=1',
    is: { verb: 'get', group: '', version: 'v1', plural: 'configmaps', namespace: 'n', name: 'c' },
  },
])('$method $path is a $is.verb', ({ method, path, is }) => {
  expect(requestInfo(method, new URL(path, 'http://kube.test'))).toEqual(is);
});

test.each([
  '/',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/g',
  '/apis/g/v1',
  '/version',
  '/openapi/v3/api/v1',
])('%s names no resource', (path) => {
  expect(requestInfo('GET', new URL(path, 'http://kube.test'))).toBeUndefined();
});

test('a method that means nothing for a path has no verb', () => {
  expect(requestInfo('PUT', new URL('http://kube.test/api/v1/pods'))?.verb).toBeUndefined();
});
