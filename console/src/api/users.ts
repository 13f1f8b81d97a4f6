import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  createPassword,
  createPasswordReset,
  createServiceToken,
  createUser,
  deleteServiceToken,
  deleteUser,
  getUser,
  listServiceTokens,
  listUsers,
  type NewServiceTokenBody,
  type NewUserBody,
  type OwnBody,
  type OwnPasswordBody,
  putMe,
  putPassword,
  putUser,
  type UserBody,
} from "stockcast-client";
import { API_ROOT, call, ifMatch, versioned } from "./client";

export const users = (page: number, pageSize = 50) =>
  queryOptions({
    queryKey: ["users", "list", page, pageSize],
    queryFn: ({ signal }) => call(listUsers({ query: { page, page_size: pageSize }, signal })),
    placeholderData: keepPreviousData,
  });

/** A user, and the version with which it is edited. */
export const user = (userId: string) =>
  queryOptions({
    queryKey: ["users", "one", userId],
    queryFn: ({ signal }) => versioned(getUser({ path: { user_id: userId }, signal })),
    staleTime: 0,
  });

export const inviteUser = (body: NewUserBody, headers: { "Idempotency-Key": string }) =>
  call(createUser({ body, headers }));

export const saveUser = (userId: string, body: UserBody, headers: { "If-Match"?: string }) =>
  call(putUser({ path: { user_id: userId }, body, headers }));

export const removeUser = (userId: string, etag: string | null) =>
  call(deleteUser({ path: { user_id: userId }, headers: ifMatch(etag) }));

/** A one-time token with which the user chooses another password. */
export const resetPassword = (userId: string) => call(createPasswordReset({ path: { user_id: userId } }));

/** Keys of machines. */
export const keys = (page: number) =>
  queryOptions({
    queryKey: ["keys", page],
    queryFn: ({ signal }) => call(listServiceTokens({ query: { page, page_size: 50 }, signal })),
    placeholderData: keepPreviousData,
  });

export const makeKey = (body: NewServiceTokenBody, headers: { "Idempotency-Key": string }) =>
  call(createServiceToken({ body, headers }));

export const revokeKey = (tokenId: string) => call(deleteServiceToken({ path: { token_id: tokenId } }));

export const saveMe = (body: OwnBody) => call(putMe({ body }));

/** Another password of one's own; the answer has new tokens, as the old ones open nothing any more. */
export const changePassword = (body: OwnPasswordBody) => call(putPassword({ body }));

/** A password for whoever holds the one-time token; nobody is signed in. */
export const choosePassword = (token: string, newPassword: string) =>
  call(createPassword({ baseUrl: API_ROOT, body: { token, new_password: newPassword } }));
